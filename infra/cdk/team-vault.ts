import { ArnFormat, type CfnResource, RemovalPolicy, Stack, Tags, Token } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import {
  ArnPrincipal,
  CompositePrincipal,
  Effect,
  ManagedPolicy,
  PermissionsBoundary,
  PolicyStatement,
  Role,
  ServicePrincipal,
  StarPrincipal,
  type IPrincipal,
} from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { CfnResourcePolicy, CfnRotationSchedule, CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

/** A secret of a vault. It has no value: the first one is put in by anyone who knows it. */
export interface VaultSecret {
  readonly description: string;
  /** False until the first value is there. */
  readonly rotates?: boolean;
  /** The function that rotates it, if it is not the vault's. */
  readonly rotationFunctionArn?: string;
  /** rate(…) or cron(…); 30 days without it. */
  readonly schedule?: string;
  /** The length of the rotation window, such as 3h. */
  readonly window?: string;
  /** Regions of replicas with the ARN of the key there. */
  readonly replicas?: Record<string, string>;
}

export interface TeamVaultProps {
  /** Part of the names of the key, the roles and the rule. */
  readonly team: string;
  /** Such as o-a1b2c3d4e5. Nobody outside of it may use the secrets. */
  readonly organizationId: string;
  /** What the names of the secrets begin with, up to a slash; the team without it. */
  readonly namePrefix?: string;
  /** By what follows the prefix in their names. */
  readonly secrets: Record<string, VaultSecret>;
  readonly rotationFunctionArn: string;
  /** Roles, users or accounts that may assume the readers' role. */
  readonly readerArns?: string[];
  /** Services that may, such as ecs-tasks.amazonaws.com. */
  readonly readerServices?: string[];
  /** Further roles that may read the values: those of rotation functions, and claviger-access. */
  readonly otherReaderArns?: string[];
  /** Without the owner. */
  readonly tags?: Record<string, string>;
  /** The value of the owner tag; the team without it. */
  readonly owner?: string;
  /** The key of the tag that names the owner. */
  readonly ownerTag?: string;
  /** Keys that the tags must have. */
  readonly requiredTags?: string[];
  /** For failed rotations, deletions and changes of policies. Its policy must allow events.amazonaws.com. */
  readonly alarmTopicArn?: string;
  readonly permissionsBoundaryArn?: string;
}

/** A team's place for secrets, with the key, the roles, the policy, the rotation and the alarm of the Terraform module. */
export class TeamVault extends Construct {
  readonly key: Key;
  readonly readers: Role;
  readonly rotators: Role;

  constructor(scope: Construct, id: string, props: TeamVaultProps) {
    super(scope, id);
    const { team } = props;
    const stack = Stack.of(this);
    const prefix = props.namePrefix ?? `${team}/`;
    const tags = { ...props.tags, [props.ownerTag ?? "owner"]: props.owner ?? team };
    check(prefix, tags, props);
    for (const [key, value] of Object.entries(tags)) {
      Tags.of(this).add(key, value);
    }

    this.key = new Key(this, "Key", {
      alias: `${team}-vault`,
      description: `Secrets of the team ${team}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const named = stack.formatArn({
      service: "secretsmanager",
      resource: "secret",
      resourceName: prefix,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const secretArns = `${named}*`;
    const via = { StringEquals: { "kms:ViaService": `secretsmanager.${stack.region}.${stack.urlSuffix}` } };

    const readers: IPrincipal[] = [
      ...(props.readerArns ?? []).map((arn) => new ArnPrincipal(arn)),
      ...(props.readerServices ?? []).map((service) => new ServicePrincipal(service)),
    ];
    this.readers = new Role(this, "Readers", {
      roleName: `${team}-vault-readers`,
      description: `Reads the secrets of the team ${team}`,
      assumedBy: new CompositePrincipal(...(readers as [IPrincipal])),
    });
    this.readers.addToPolicy(new PolicyStatement({
      sid: "Read",
      actions: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
      resources: [secretArns],
    }));
    this.readers.addToPolicy(new PolicyStatement({
      sid: "Key",
      actions: ["kms:Decrypt"],
      resources: [this.key.keyArn],
      conditions: via,
    }));

    const secrets = Object.entries(props.secrets);
    const functions = new Set([props.rotationFunctionArn]);
    for (const [, secret] of secrets) {
      if (secret.rotationFunctionArn !== undefined) functions.add(secret.rotationFunctionArn);
    }
    this.rotators = new Role(this, "Rotators", {
      roleName: `${team}-vault-rotators`,
      description: `Rotates the secrets of the team ${team}`,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    this.rotators.addToPolicy(new PolicyStatement({
      sid: "Rotate",
      actions: [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
      ],
      resources: [secretArns],
      conditions: { StringEquals: { "secretsmanager:resource/AllowRotationLambdaArn": [...functions] } },
    }));
    this.rotators.addToPolicy(new PolicyStatement({
      sid: "Password",
      actions: ["secretsmanager:GetRandomPassword"],
      resources: ["*"],
    }));
    this.rotators.addToPolicy(new PolicyStatement({
      sid: "Key",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [this.key.keyArn],
      conditions: via,
    }));
    if (props.permissionsBoundaryArn !== undefined) {
      const boundary = ManagedPolicy.fromManagedPolicyArn(this, "Boundary", props.permissionsBoundaryArn);
      PermissionsBoundary.of(this).apply(boundary);
    }

    const mayRead = [this.readers.roleArn, this.rotators.roleArn, ...(props.otherReaderArns ?? [])];
    for (const [name, secret] of secrets) {
      this.secret(name, prefix, secret, props, mayRead);
    }
    if (props.alarmTopicArn !== undefined) {
      this.alarm(team, prefix, named, props.alarmTopicArn);
    }
  }

  /** A construct of CloudFormation, because `Secret` would generate a value. */
  private secret(name: string, prefix: string, secret: VaultSecret, props: TeamVaultProps, mayRead: string[]): void {
    // Of its own, so that no secret has the id of the key or a role.
    const scope = new Construct(this, `Secret-${name}`);
    const own = new CfnSecret(scope, "Secret", {
      name: `${prefix}${name}`,
      description: secret.description,
      kmsKeyId: this.key.keyArn,
      replicaRegions: Object.entries(secret.replicas ?? {}).map(([region, kmsKeyId]) => ({ region, kmsKeyId })),
    });
    const policy = new CfnResourcePolicy(scope, "Policy", {
      secretId: own.ref,
      blockPublicPolicy: true,
      resourcePolicy: {
        Version: "2012-10-17",
        Statement: [
          new PolicyStatement({
            sid: "OnlyThisOrganization",
            effect: Effect.DENY,
            principals: [new StarPrincipal()],
            actions: ["secretsmanager:*"],
            resources: ["*"],
            conditions: {
              StringNotEquals: { "aws:PrincipalOrgID": props.organizationId },
              Bool: { "aws:PrincipalIsAWSService": "false" },
            },
          }).toStatementJson(),
          new PolicyStatement({
            sid: "OnlyTheseReaders",
            effect: Effect.DENY,
            principals: [new StarPrincipal()],
            actions: ["secretsmanager:GetSecretValue"],
            resources: ["*"],
            conditions: {
              ArnNotLike: { "aws:PrincipalArn": mayRead },
              Bool: { "aws:PrincipalIsAWSService": "false" },
            },
          }).toStatementJson(),
        ],
      },
    });
    const all: CfnResource[] = [own, policy];
    if (secret.rotates ?? true) {
      all.push(new CfnRotationSchedule(scope, "Rotation", {
        secretId: own.ref,
        rotationLambdaArn: secret.rotationFunctionArn ?? props.rotationFunctionArn,
        rotateImmediatelyOnUpdate: false,
        rotationRules: {
          automaticallyAfterDays: secret.schedule === undefined ? 30 : undefined,
          scheduleExpression: secret.schedule,
          duration: secret.window,
        },
      }));
    }
    for (const one of all) {
      one.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
  }

  private alarm(team: string, prefix: string, named: string, topicArn: string): void {
    const rule = new Rule(this, "Alarms", {
      ruleName: `${team}-vault-alarms`,
      description: `Failed rotations, deletions and changes of policies in the vault of the team ${team}`,
      eventPattern: { source: ["aws.secretsmanager"] },
      targets: [new SnsTopic(Topic.fromTopicArn(this, "Topic", topicArn))],
    });
    // The construct has no `$or`.
    (rule.node.defaultChild as CfnResource).addPropertyOverride("EventPattern.$or", [
      {
        "detail-type": ["AWS Service Event via CloudTrail"],
        detail: {
          eventName: ["RotationAbandoned", "RotationFailed", "StartSecretVersionDelete", "TestRotationFailed"],
          additionalEventData: { SecretId: [{ prefix: named }] },
        },
      },
      {
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventName: ["CancelRotateSecret", "DeleteResourcePolicy", "DeleteSecret", "PutResourcePolicy"],
          requestParameters: { secretId: [{ prefix }, { prefix: named }] },
          errorCode: [{ exists: false }],
        },
      },
    ]);
  }
}

/** Refuses a vault that would lack something. */
function check(prefix: string, tags: Record<string, string>, props: TeamVaultProps): void {
  if (!/^[a-z0-9][a-z0-9-]{0,29}$/.test(props.team)) {
    throw new Error("team must have up to 30 lower-case letters, digits and hyphens.");
  }
  if (!Token.isUnresolved(props.organizationId) && !/^o-[a-z0-9]{10,32}$/.test(props.organizationId)) {
    throw new Error("organizationId must be the ID of an Organization, such as o-a1b2c3d4e5.");
  }
  if (!prefix.endsWith("/")) {
    throw new Error("namePrefix must end with a slash, such as payments/.");
  }
  if ((props.readerArns ?? []).length + (props.readerServices ?? []).length === 0) {
    throw new Error("Name who reads, in readerArns or readerServices.");
  }
  const missing = (props.requiredTags ?? []).filter((key) => !(key in tags));
  if (missing.length > 0) {
    throw new Error(`tags lacks ${missing.join(", ")}.`);
  }
}
