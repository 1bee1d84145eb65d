"""`freshet schema`: what an event must look like, for producers in any language."""

import argparse
import json

from freshet.contract.events import json_schemas
from freshet.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", nargs="?", choices=sorted(json_schemas()), help="only this topic's")


def run(args: argparse.Namespace, settings: Settings) -> int:
    schemas = json_schemas()
    print(json.dumps(schemas[args.topic] if args.topic else schemas, indent=2))
    return 0
