{{- define "claviger.name" -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- end }}

{{- define "claviger.labels" -}}
app.kubernetes.io/name: claviger
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "claviger.selector" -}}
app.kubernetes.io/name: claviger
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: console
{{- end }}

{{- define "claviger.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "claviger.name" .) -}}
{{- else -}}
{{- required "serviceAccount.name is required if serviceAccount.create is false: the account that the hub role trusts" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "claviger.image" -}}
{{- $repository := required "image.repository is required: push the image to your registry, and name it here (docs/image.md)" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- define "claviger.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "claviger.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "claviger.configuration" -}}
{{- if or .Values.config .Values.files -}}true{{- end -}}
{{- end }}
