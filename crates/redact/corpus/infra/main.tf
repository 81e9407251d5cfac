terraform {
  required_version = ">= 1.6"
  backend "pg" {
    conn_str = "postgres://terraform:751dIQ7UmIegPYLBz11u@10.20.0.9/terraform_backend?sslmode=require"
  }
}

provider "vault" {
  address = "https://vault.internal:8200"
  token   = "PiNFy2qSMBiUwj0YR8cisH5UYE"
}

provider "grafana" {
  url  = "https://grafana.example"
  auth = "admin:Aussicht.2025"
}

variable "db_password" {
  type      = string
  sensitive = true
}

variable "smtp_password" {
  type    = string
  default = "nrDbOlPPF5nGUk2mcQ"
}

resource "random_password" "redis" {
  length  = 32
  special = false
}

resource "aws_db_instance" "shop" {
  identifier                  = "shop"
  engine                      = "mariadb"
  instance_class              = "db.t4g.medium"
  username                    = "shop"
  password                    = var.db_password
  manage_master_user_password = false
  kms_key_id                  = aws_kms_key.db.arn
}

resource "aws_db_instance" "legacy" {
  identifier = "acct"
  engine     = "mysql"
  username   = "acct"
  password   = "Kassensturz#1"
}

resource "aws_elasticache_replication_group" "sessions" {
  description = "php sessions"
  auth_token  = random_password.redis.result
  num_cache_clusters = 2
}

resource "kubernetes_secret" "edge" {
  metadata { name = "edge" }
  data = {
    client_secret = "pm7wY8XK7YmqkYRj3giZOPkcViu6u3D31CDhSkdJ"
    tls_key       = file("${path.module}/edge.key")
  }
}

output "db_secret_arn" {
  value = aws_db_instance.shop.master_user_secret[0].secret_arn
}
