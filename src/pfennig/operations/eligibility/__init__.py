"""What has to be true before an order may be paid, or paid again without its payer."""
