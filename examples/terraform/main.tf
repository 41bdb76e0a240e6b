# A small contact centre: a number that is answered, a queue and an agent, contact records on a stream, contact events in a
# queue, and profiles of the customers. Nothing here says where it is made:
#
#   export AWS_ENDPOINT_URL=http://127.0.0.1:4510 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
#   terraform init && terraform apply

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  default = "us-east-1"
}

variable "centre" {
  description = "What all names begin with."
  default     = "harbour"
}

variable "greeting" {
  default = "Thank you for calling. Somebody will be with you soon."
}

variable "agent_password" {
  default   = "Change-me-1"
  sensitive = true
}

# The centre.

resource "aws_connect_instance" "centre" {
  instance_alias           = var.centre
  identity_management_type = "CONNECT_MANAGED"
  inbound_calls_enabled    = true
  outbound_calls_enabled   = true
}

resource "aws_connect_hours_of_operation" "office" {
  instance_id = aws_connect_instance.centre.id
  name        = "Office hours"
  description = "When somebody is there"
  time_zone   = "Europe/London"

  dynamic "config" {
    for_each = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
    content {
      day = config.value
      start_time {
        hours   = 8
        minutes = 0
      }
      end_time {
        hours   = 18
        minutes = 0
      }
    }
  }
}

resource "aws_connect_queue" "support" {
  instance_id           = aws_connect_instance.centre.id
  name                  = "Support"
  description           = "Whoever calls the main number"
  hours_of_operation_id = aws_connect_hours_of_operation.office.hours_of_operation_id
}

resource "aws_connect_contact_flow" "welcome" {
  instance_id = aws_connect_instance.centre.id
  name        = "Welcome"
  description = "Greets the caller and queues the call"
  type        = "CONTACT_FLOW"
  content = templatefile("${path.module}/welcome.json.tftpl", {
    greeting = var.greeting
    queue    = aws_connect_queue.support.arn
  })
}

resource "aws_connect_phone_number" "main" {
  target_arn   = aws_connect_instance.centre.arn
  country_code = "GB"
  type         = "DID"
  description  = "The main number"
}

# Who answers.

resource "aws_connect_routing_profile" "support" {
  instance_id               = aws_connect_instance.centre.id
  name                      = "Support"
  description               = "Calls of the support queue"
  default_outbound_queue_id = aws_connect_queue.support.queue_id

  media_concurrencies {
    channel     = "VOICE"
    concurrency = 1
  }

  queue_configs {
    channel  = "VOICE"
    priority = 1
    delay    = 0
    queue_id = aws_connect_queue.support.queue_id
  }
}

data "aws_connect_security_profile" "agent" {
  instance_id = aws_connect_instance.centre.id
  name        = "Agent"
}

resource "aws_connect_user" "anna" {
  instance_id          = aws_connect_instance.centre.id
  name                 = "anna"
  password             = var.agent_password
  routing_profile_id   = aws_connect_routing_profile.support.routing_profile_id
  security_profile_ids = [data.aws_connect_security_profile.agent.security_profile_id]

  identity_info {
    first_name = "Anna"
    last_name  = "Archer"
  }

  phone_config {
    phone_type                    = "SOFT_PHONE"
    after_contact_work_time_limit = 30
  }
}

# What is told of each contact: records on a stream, events in a queue.

resource "aws_kinesis_stream" "records" {
  name             = "${var.centre}-contact-records"
  shard_count      = 1
  retention_period = 24
}

resource "aws_connect_instance_storage_config" "records" {
  instance_id   = aws_connect_instance.centre.id
  resource_type = "CONTACT_TRACE_RECORDS"

  storage_config {
    storage_type = "KINESIS_STREAM"
    kinesis_stream_config {
      stream_arn = aws_kinesis_stream.records.arn
    }
  }
}

resource "aws_sqs_queue" "ended" {
  name                      = "${var.centre}-ended-contacts"
  message_retention_seconds = 86400
}

resource "aws_cloudwatch_event_rule" "ended" {
  name        = "${var.centre}-ended-contacts"
  description = "Contacts that are over"
  event_pattern = jsonencode({
    source        = ["aws.connect"]
    "detail-type" = ["Amazon Connect Contact Event"]
    detail        = { eventType = ["DISCONNECTED"] }
  })
}

resource "aws_cloudwatch_event_target" "ended" {
  rule      = aws_cloudwatch_event_rule.ended.name
  target_id = "queue"
  arn       = aws_sqs_queue.ended.arn
}

data "aws_iam_policy_document" "ended" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.ended.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.ended.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "ended" {
  queue_url = aws_sqs_queue.ended.id
  policy    = data.aws_iam_policy_document.ended.json
}

# Who the customers are.

resource "aws_customerprofiles_domain" "customers" {
  domain_name             = "${var.centre}-customers"
  default_expiration_days = 366
}

output "instance_id" {
  value = aws_connect_instance.centre.id
}

output "welcome_flow_id" {
  value = aws_connect_contact_flow.welcome.contact_flow_id
}

output "phone_number" {
  value = aws_connect_phone_number.main.phone_number
}

output "ended_contacts" {
  value = aws_sqs_queue.ended.url
}
