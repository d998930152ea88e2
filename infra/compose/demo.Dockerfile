# The demo's identity provider and AWS emulator, for compose.yaml alone.

ARG NODE_BASE=docker.io/library/node:22-bookworm-slim@sha256:f32b81066cde10a75dbac96646099533316d94bac4150c55da1636e1f0ffdc46
ARG PYTHON_BASE=docker.io/library/python:3.12-slim-bookworm@sha256:782412e85d0f0984994c290652577d4018aff08145c85b262bb63dc0c7522254

FROM ${NODE_BASE} AS identity-provider
WORKDIR /demo
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY infra/compose/with-secrets.sh /usr/local/bin/with-secrets
COPY demo/identity-provider.js demo/
USER 1000:1000
ENTRYPOINT ["with-secrets"]
CMD ["node", "demo/identity-provider.js"]

FROM ${PYTHON_BASE} AS emulator
WORKDIR /srv
COPY demo/requirements.txt demo/
RUN --mount=type=cache,target=/root/.cache/pip pip install --requirement demo/requirements.txt
COPY infra/compose/with-secrets.sh /usr/local/bin/with-secrets
COPY demo/emulator.py demo/event_bus.py demo/functions.py demo/organization.py demo/
COPY crates/policy/rules crates/policy/rules
COPY infra/policies infra/policies
USER 65534:65534
ENTRYPOINT ["with-secrets"]
CMD ["python", "demo/emulator.py"]
