"""What the product is measured against: each a small script with nothing of the product but the messages' shapes."""
