# SPDX-License-Identifier: Apache-2.0
"""What to buy next, as a Lambda function: reads a VPC Lattice event of version 1."""
import json

ALSO_BOUGHT = {"book": ["lamp", "tea"], "tea": ["mug"], "lamp": ["bulb"]}


def handler(event, context):
    product = (event.get("query_string_parameters") or {}).get("product_code", "")
    return {
        "statusCode": 200,
        "statusDescription": "200 OK",
        "isBase64Encoded": False,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"product": product, "recommended": ALSO_BOUGHT.get(product, [])}),
    }
