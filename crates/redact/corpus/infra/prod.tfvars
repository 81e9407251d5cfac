region         = "eu-central-1"
environment    = "prod"
key_name       = "ops-2025"
db_password    = "9EE-AvrHKW2jaxGv9eW0"
redis_auth     = "2XD0fFoo2mGGbTdhZO5vMclJX4IPrv5m"
hcloud_token   = "OTFp0kgs3YOxyisfo9g8yj2LEObxwi6JVnfyoNNHuf4fLp1CxGX72dZ2oocE5P5Y"
api_keys       = ["219dd7bfa2f3808082484be444538cd8", "f9dbda0cf80dc90247d9ca08fec71f15"]
ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIONPD4MKDsTVQnxPLBz4slkd9/4w8UokgZ1fdY8UQqE7 ops"
basic_auth = {
  user     = "preview"
  password = "Sommer2024!"
}
password_length        = 24
secret_recovery_window = 7
