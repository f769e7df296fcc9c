"""What fine-tuning of rank-1 components brings, on three networks: ``make bench-compression``."""
