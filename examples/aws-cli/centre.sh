#!/bin/sh
# A contact centre with the AWS CLI alone, as a script would make it in the cloud: a stack of what stands around it, an instance with a
# queue, a flow and an agent, contact events on a stream, and a domain of Customer Profiles.
#
#   export AWS_ENDPOINT_URL=http://127.0.0.1:4510 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
#   sh examples/aws-cli/centre.sh [NAME]
#
# It needs version 1.29 or 2.13 of the CLI, or later: older ones do not know AWS_ENDPOINT_URL.
set -eu
cd "$(dirname "$0")"
name=${1:-harbour}
temporary=$(mktemp -d)
trap 'rm -r "$temporary"' EXIT

echo "The stack $name"
aws s3 mb "s3://$name-artifacts" > "$temporary/log"
aws cloudformation package --template-file around.yaml --s3-bucket "$name-artifacts" \
  --output-template-file "$temporary/packaged.yaml" > "$temporary/log"
aws cloudformation deploy --stack-name "$name" --template-file "$temporary/packaged.yaml" --capabilities CAPABILITY_IAM \
  --parameter-overrides RetentionHours=48
output() {
  aws cloudformation describe-stacks --stack-name "$name" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}
events_arn=$(output EventsArn)
events_name=$(output EventsName)

echo "The instance $name"
instance=$(aws connect create-instance --instance-alias "$name" --identity-management-type CONNECT_MANAGED \
  --inbound-calls-enabled --outbound-calls-enabled --query Id --output text)
hours=$(aws connect create-hours-of-operation --instance-id "$instance" --name Office --time-zone Europe/London \
  --config 'Day=MONDAY,StartTime={Hours=8,Minutes=0},EndTime={Hours=18,Minutes=0}' \
  --query HoursOfOperationId --output text)
queue=$(aws connect create-queue --instance-id "$instance" --name Support --hours-of-operation-id "$hours" \
  --query QueueId --output text)
flow=$(aws connect create-contact-flow --instance-id "$instance" --name Greeting --type CONTACT_FLOW \
  --content file://flow.json --query ContactFlowId --output text)
routing=$(aws connect create-routing-profile --instance-id "$instance" --name Support --description "Calls and tasks" \
  --default-outbound-queue-id "$queue" --media-concurrencies Channel=VOICE,Concurrency=1 Channel=TASK,Concurrency=2 \
  --queue-configs "QueueReference={QueueId=$queue,Channel=VOICE},Priority=1,Delay=0" \
  --query RoutingProfileId --output text)
security=$(aws connect list-security-profiles --instance-id "$instance" \
  --query "SecurityProfileSummaryList[?Name=='Agent'].Id" --output text)
aws connect create-user --instance-id "$instance" --username ada --password Trunkline-1 \
  --identity-info FirstName=Ada,LastName=Byron,Email=ada@example.com --phone-config PhoneType=SOFT_PHONE,AutoAccept=true \
  --routing-profile-id "$routing" --security-profile-ids "$security" > "$temporary/log"

echo "Its contact events on the stream"
aws events put-rule --name "$name-contacts" --event-pattern '{"source": ["aws.connect"]}' > "$temporary/log"
aws events put-targets --rule "$name-contacts" --targets "Id=stream,Arn=$events_arn" > "$temporary/log"

echo "The domain $name of Customer Profiles"
aws customer-profiles create-domain --domain-name "$name" --default-expiration-days 366 > "$temporary/log"
aws customer-profiles put-profile-object-type --domain-name "$name" --object-type-name Customer --description Customers \
  --allow-profile-creation \
  --fields '{"id": {"Source": "_source.id", "ContentType": "STRING"},
             "phone": {"Source": "_source.phone", "Target": "_profile.PhoneNumber", "ContentType": "PHONE_NUMBER"}}' \
  --keys '{"customer": [{"FieldNames": ["id"], "StandardIdentifiers": ["UNIQUE", "PROFILE"]}],
           "_phone": [{"FieldNames": ["phone"], "StandardIdentifiers": ["PROFILE", "LOOKUP_ONLY"]}]}' > "$temporary/log"
aws customer-profiles put-profile-object --domain-name "$name" --object-type-name Customer \
  --object '{"id": "c-1", "phone": "+447700900123"}' > "$temporary/log"
aws customer-profiles search-profiles --domain-name "$name" --key-name customer --values c-1 \
  --query 'Items[].PhoneNumber' --output text

echo "A task, and what the stream is told of it"
aws connect start-task-contact --instance-id "$instance" --contact-flow-id "$flow" --name "Call back" > "$temporary/log"
iterator=$(aws kinesis get-shard-iterator --stream-name "$events_name" --shard-id shardId-000000000000 \
  --shard-iterator-type TRIM_HORIZON --query ShardIterator --output text)
told() {
  aws kinesis get-records --shard-iterator "$iterator" --query 'Records[].[Data]' --output text |
    while read -r data; do
      echo "$data" | base64 --decode | grep -o '"eventType":"[A-Z_]*"'
    done
}
until told > "$temporary/told" && grep -q COMPLETED "$temporary/told"; do sleep 1; done
cat "$temporary/told"
