"""Asks an emulator's TestEventPattern about each rule of the templates and each sample event, deploys the templates there and
sends events through them, and compares CloudFormation with Terraform: patterns, states, and the defaults of parameters.

Needs the environment of demo/requirements.txt. `cargo xtask infra --check` runs it.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
import yaml

INFRA = pathlib.Path(__file__).resolve().parent.parent
TERRAFORM = INFRA / "terraform/events"
# CloudFormation template -> folder of the Terraform module with the same parameters.
PAIRS = {"trail": "trail", "events-hub": "events", "events": "events/member"}
# What Terraform has in another form: a policy's ARN instead of its path and name; a list of names.
OTHERWISE = {
    "events": {"PermissionsBoundaryPolicy", "InventoryRoleName", "AccessRoleName", "RemediationRoleName", "ConsumersRoleName", "IamRoleName"}
}


class Reader(yaml.SafeLoader):
    """CloudFormation's short forms as mappings."""


def short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix: value}


Reader.add_multi_constructor("!", short_form)


def template(name):
    return yaml.load((INFRA / f"cloudformation/{name}.yaml").read_text(), Reader)


def filled(value, parameters):
    """With the defaults of parameters."""
    if isinstance(value, dict):
        if set(value) == {"Ref"}:
            return parameters[value["Ref"]]["Default"]
        if set(value) == {"Sub"}:
            return re.sub(r"\$\{(\w+)\}", lambda found: parameters[found[1]]["Default"], value["Sub"])
        return {key: filled(one, parameters) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, parameters) for one in value]
    return value


def rules(name):
    """Each rule's name with its pattern and state."""
    whole = template(name)
    found = {}
    for resource in whole["Resources"].values():
        if resource["Type"] == "AWS::Events::Rule":
            own = filled(
                {key: resource["Properties"][key] for key in ("Name", "EventPattern", "State")},
                whole["Parameters"],
            )
            found[own["Name"]] = (own["EventPattern"], own["State"])
    return found


def terraform_patterns():
    text = (TERRAFORM / "patterns.json.tftpl").read_text()
    for role in ("inventory", "access", "remediation", "consumers", "iam"):
        text = text.replace(f"${{{role}_role_name}}", f"claviger-{role}")
    return json.loads(text)


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def scalar(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def defaults_differ(name, module):
    """Parameters of a template against the variables of a module."""
    text = "".join(file.read_text() for file in sorted((INFRA / "terraform" / module).glob("*.tf")))
    variables = {}
    for found in re.finditer(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.M | re.S):
        default = re.search(r"^  default\s*=\s*(.*)$", found[2], re.M)
        variables[found[1]] = default and default[1].strip('"')
    for parameter, own in template(name)["Parameters"].items():
        if parameter in OTHERWISE.get(name, ()):
            continue
        if snake(parameter) not in variables:
            yield f"{module} has no variable {snake(parameter)}"
            continue
        default = variables[snake(parameter)]
        # An empty text is null in Terraform.
        wanted = {"": "null"}.get(scalar(own["Default"]), scalar(own["Default"])) if "Default" in own else None
        if default != wanted:
            yield f"{parameter} of {name}.yaml is {wanted} by default, and {default} in Terraform's {module}"


def emulator(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = dict(
        os.environ,
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        IOT_MTLS_ENABLED="0",
        PERSIST_STATE="0",
        TMPDIR=folder,
        HOME=folder,
    )
    log = open(pathlib.Path(folder) / "log", "w")
    process = subprocess.Popen(
        [pathlib.Path(sys.executable).parent / "ministack"], env=environment, cwd=folder, stdout=log, stderr=log
    )
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=1)
            return process, f"http://127.0.0.1:{port}"
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.kill()
    raise SystemExit("the emulator does not start: " + (pathlib.Path(folder) / "log").read_text()[-2000:])


def stack(client, name, body, parameters):
    """Its outputs."""
    client.create_stack(
        StackName=name,
        TemplateBody=body,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    for _ in range(100):
        found = client.describe_stacks(StackName=name)["Stacks"][0]
        if not found["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    if found["StackStatus"] != "CREATE_COMPLETE":
        raise SystemExit(f"the emulator does not create {name}: {found}")
    return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}


def delivered(client_of):
    """Faults of the way from an account's rule over the hub's bus to queue and topic, with all three in one account."""
    hub_template = (INFRA / "cloudformation/events-hub.yaml").read_text()
    # What the emulator does not have: policies of event buses, and the state in which a rule gets reads.
    hub_template = re.sub(r"^  BusPolicy:\n(    .*\n)+", "", hub_template, flags=re.M)
    hub_template = hub_template.replace("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "ENABLED")
    cloudformation, queues = client_of("cloudformation"), client_of("sqs")
    hub = stack(
        cloudformation, "hub", hub_template, {"OrganizationId": "o-a1b2c3d4e5", "CreateAlarmTopic": "true"}
    )
    accounts_template = (INFRA / "cloudformation/events.yaml").read_text()
    account = stack(cloudformation, "account", accounts_template, {"HubEventBusArn": hub["EventBusArn"]})
    if account["DeadLettersUrl"] == hub["DeadLettersUrl"]:
        yield "events.yaml and events-hub.yaml name a queue alike, and have to fit into one account"
    inbox = queues.create_queue(QueueName="inbox")["QueueUrl"]
    inbox_arn = queues.get_queue_attributes(QueueUrl=inbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client_of("sns").subscribe(TopicArn=hub["AlarmTopicArn"], Protocol="sqs", Endpoint=inbox_arn)

    def received(queue):
        found = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", [])
        for message in found:
            queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    detail = {
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "DeleteSecret",
        "requestParameters": {"forceDeleteWithoutRecovery": True},
    }
    entry = {
        "Source": "claviger.test",
        "DetailType": "AWS API Call via CloudTrail",
        "Detail": json.dumps(detail),
    }
    client_of("events").put_events(Entries=[entry])
    events = received(hub["QueueUrl"])
    if [event["detail"] for event in events] != [detail]:
        yield f"a test event arrives in the queue as {events}"
    lines = [message["Message"] for message in received(inbox)]
    if len(lines) != 1 or not lines[0].startswith('"DeleteSecret in account '):
        yield f"a test event is published as {lines}"
    secrets = client_of("secretsmanager")
    secrets.create_secret(Name="payments", SecretString="first")
    received(hub["QueueUrl"])
    secrets.put_secret_value(SecretId="payments", SecretString="second")
    kinds = {event["detail-type"] for event in received(hub["QueueUrl"])}
    if kinds != {"Secret Label Updated"}:
        yield f"after a new value, the queue has {kinds}"


def main():
    faults = []
    accounts, hub = rules("events"), rules("events-hub")
    patterns = terraform_patterns()
    for name, (pattern, state) in {**accounts, **hub}.items():
        other = patterns.pop(name, None)
        if other != {"state": state, "pattern": pattern}:
            faults.append(f"patterns.json.tftpl has {name} otherwise than CloudFormation: {json.dumps(other)}")
    faults += [f"patterns.json.tftpl has {name}, and CloudFormation does not" for name in patterns]
    for name, module in PAIRS.items():
        faults += defaults_differ(name, module)

    samples = json.loads((INFRA / "events/samples.json").read_text())
    unseen = set(accounts) | set(hub)
    asked = 0
    with tempfile.TemporaryDirectory() as folder:
        process, endpoint = emulator(folder)
        try:

            def client_of(service):
                return boto3.client(
                    service,
                    endpoint_url=endpoint,
                    region_name="us-east-1",
                    aws_access_key_id="test",
                    aws_secret_access_key="test",
                )

            client = client_of("events")

            def matches(among, event):
                nonlocal asked
                asked += len(among)
                return {
                    name
                    for name, (pattern, _) in among.items()
                    if client.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"]
                }

            for sample in samples:
                found = matches(accounts, sample["event"])
                # The hub's bus gets what a rule in an account sends.
                found |= matches(hub, sample["event"]) if found else set()
                unseen -= found
                if found != set(sample["rules"]):
                    faults.append(f"{sample['what']}: {sorted(found)} match, and should: {sorted(sample['rules'])}")
            faults += delivered(client_of)
        finally:
            process.terminate()
            process.wait()
    faults += [f"no sample matches {name}" for name in sorted(unseen)]
    for fault in faults:
        print(fault)
    print(f"{len(samples)} sample events, {asked} questions, {len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
