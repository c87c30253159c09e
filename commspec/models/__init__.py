"""What a message is: the classes of requests and responses, and the one table that stands on their fields."""
