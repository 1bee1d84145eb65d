"""Send a shop's events: python examples/produce_events.py [BROKER]. What is wrong with one is said before it leaves."""

import sys
import time
import uuid

from freshet import Producer

with Producer(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:9092") as producer:
    producer.send(
        "items", {"item_id": "tea-7", "category": "kitchen/tea", "price": 4.5, "title": "Green tea"}
    )
    for topic in ("clicks", "carts", "purchases"):
        now_ms = int(time.time() * 1000)
        event = {"event_id": str(uuid.uuid4()), "user_id": "ada", "item_id": "tea-7", "ts": now_ms}
        producer.send(topic, event)  # raises BadEvent for what Freshet would refuse, naming the field
print("Kafka has them all")  # leaving the block waits for that, or raises DeliveryError with those it has not
