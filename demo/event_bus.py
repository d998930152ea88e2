"""The demo's event bus: what the accounts' rules would send, in the queue that the console reads.

ministack 1.5.33 delivers an event of EventBridge within its account only, and of Secrets Manager emits "Secret Label Updated"
alone. So that event goes to the hub's queue from every account, as the install templates' rules and bus send it, and so do
test events that a rule of their account matches. CloudTrail's events never come, but for one read that raises an alarm.
"""

from __future__ import annotations

import datetime
import json
import pathlib

from ministack.core.arn import parse_arn
from ministack.core.responses import request_scope
from ministack.services import eventbridge, iam, sqs

QUEUE = "claviger-events"
REGION = "us-east-1"


def open_queue(account: str, user: str) -> None:
    """The queues of events-hub.yaml, and what its policy lets the hub do."""
    arn = f"arn:aws:sqs:{REGION}:{account}:{QUEUE}"
    with request_scope(account, REGION):
        sqs._act_create_queue({"QueueName": f"{QUEUE}-dead-letters"}, "")
        redrive = json.dumps({"deadLetterTargetArn": f"{arn}-dead-letters", "maxReceiveCount": 5})
        attributes = {"VisibilityTimeout": "60", "ReceiveMessageWaitTimeSeconds": "20", "RedrivePolicy": redrive}
        sqs._act_create_queue({"QueueName": QUEUE, "Attributes": attributes}, "")
        actions = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        # In AWS, DeleteMessage permits the batch too; ministack asks for an action of its own.
        actions.append("sqs:DeleteMessageBatch")
        iam._put_user_policy({
            "UserName": [user],
            "PolicyName": ["events"],
            "PolicyDocument": [json.dumps({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": actions, "Resource": [arn, f"{arn}-dead-letters"]}],
            })],
        })
    forward(parse_arn(arn))


def seed_alarms(hub: str, accounts: list[str], regions: list[str], secrets: list) -> None:
    """Rules in every account and Region, and an alarm about the first secret whose deletion is pending."""
    seed_rules(hub, accounts, regions, blind=accounts[-1])
    seed_alarm(hub, next(one for one in secrets if one.deleted is not None))


def seed_rules(hub: str, accounts: list[str], regions: list[str], blind: str) -> None:
    """The rules of events.yaml that bring alarms. In the account `blind` reads are not sent, as by default."""
    file = pathlib.Path(__file__).resolve().parent.parent / "crates/policy/rules/events.json"
    if not file.exists():
        return
    rules = json.loads(file.read_text())
    for account in accounts:
        for region in regions:
            with request_scope(account, region):
                eventbridge._ensure_default_bus()
                for name, rule in rules.items():
                    if name == "claviger-reads" and account == blind:
                        continue
                    pattern = json.dumps(rule["pattern"])
                    eventbridge._put_rule({"Name": name, "EventPattern": pattern, "State": rule["state"]})
                    eventbridge._put_targets({"Rule": name, "Targets": [{
                        "Id": "hub",
                        "Arn": f"arn:aws:events:{REGION}:{hub}:event-bus/claviger",
                        "RoleArn": f"arn:aws:iam::{account}:role/claviger-events-{region}",
                    }]})


def seed_alarm(hub: str, secret) -> None:
    """Somebody reads a secret whose deletion is pending; it arrives in two minutes, after the first scan."""
    account, region = secret.account, secret.region
    arn = f"arn:aws:secretsmanager:{region}:{account}:secret:{secret.name}-{secret.suffix}"
    at = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::{account}:assumed-role/billing/i-0abc"},
        "eventTime": at,
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "awsRegion": region,
        "errorCode": "InvalidRequestException",
        "errorMessage": "You can't perform this operation on the secret because it was marked for deletion.",
        "requestParameters": {"secretId": arn},
        "responseElements": None,
        "eventID": "d3e0a1b2-0000-4000-8000-000000000001",
        "eventType": "AwsApiCall",
    }
    event = {
        "version": "0", "id": "d3e0a1b2-0000-4000-8000-000000000002", "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.secretsmanager", "account": account, "time": at, "region": region, "resources": [], "detail": detail,
    }
    with request_scope(hub, REGION):
        url = sqs._act_get_queue_url({"QueueName": QUEUE}, "")["QueueUrl"]
        sqs._act_send_message({"QueueUrl": url, "MessageBody": json.dumps(event), "DelaySeconds": 120}, url)


def is_matched(event: dict) -> bool:
    """Whether a rule of the event's account and Region is on and matches it."""
    with request_scope(event["account"], event["region"]):
        for rule in json.loads(eventbridge._list_rules({})[2])["Rules"]:
            asked = {"EventPattern": rule.get("EventPattern", "{}"), "Event": json.dumps(event)}
            if rule["State"] != "DISABLED" and json.loads(eventbridge._test_event_pattern(asked)[2])["Result"]:
                return True
    return False


def forward(queue) -> None:
    """From now on secrets' events of every account go to the queue too, and tests of their rules."""
    plain = eventbridge._dispatch_event

    def dispatch(event: dict, view=None) -> None:
        plain(event, view)
        if event.get("Source") not in ("aws.secretsmanager", "claviger.test"):
            return
        # PutEvents of ministack 1.5.33 keeps seconds; an event of AWS has its time as text.
        at = event["Time"]
        if not isinstance(at, str):
            at = f"{datetime.datetime.fromtimestamp(at, datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
        sent = {
            "version": "0",
            "id": event["EventId"],
            "detail-type": event["DetailType"],
            "source": event["Source"],
            "account": event["Account"],
            "time": at,
            "region": event["Region"],
            "resources": event["Resources"],
            "detail": json.loads(event["Detail"]),
        }
        if sent["source"] != "claviger.test" or is_matched(sent):
            eventbridge._dispatch_to_sqs(queue, json.dumps(sent))

    eventbridge._dispatch_event = dispatch
