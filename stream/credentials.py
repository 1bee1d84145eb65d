"""How Faust shows itself to Kafka, from the same settings as every other client."""

from faust.auth import Credentials, SASLCredentials, SSLCredentials

from freshet.security.connections import kafka_options
from freshet.settings import Kafka


def credentials(settings: Kafka) -> Credentials | None:
    """None for a broker that asks for nothing."""
    options = kafka_options(settings)
    if "sasl_mechanism" in options:
        return SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"],
            ssl_context=options.get("ssl_context"),
        )
    return SSLCredentials(options["ssl_context"]) if "ssl_context" in options else None
