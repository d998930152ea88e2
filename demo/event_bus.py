"""The demo's event bus: what the accounts' rules would send, in the queue that the console reads.

ministack 1.5.33 delivers an event of EventBridge within its account only, and of Secrets Manager emits "Secret Label Updated"
alone. So that event goes to the hub's queue from every account, as the install templates' rules and bus send it. CloudTrail's
events never come.
"""

from __future__ import annotations

import json

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


def forward(queue) -> None:
    """From now on secrets' events of every account go to the queue too."""
    plain = eventbridge._dispatch_event

    def dispatch(event: dict, view=None) -> None:
        plain(event, view)
        if event.get("Source") == "aws.secretsmanager":
            eventbridge._dispatch_to_sqs(queue, json.dumps({
                "version": "0",
                "id": event["EventId"],
                "detail-type": event["DetailType"],
                "source": event["Source"],
                "account": event["Account"],
                "time": event["Time"],
                "region": event["Region"],
                "resources": event["Resources"],
                "detail": json.loads(event["Detail"]),
            }))

    eventbridge._dispatch_event = dispatch
