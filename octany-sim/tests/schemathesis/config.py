"""Writes schemathesis' configuration for a simulator that runs: its base URL, its key, and ids of what
it has, so that most paths lead to something.
"""

import json
import sys
import urllib.request
from pathlib import Path

# What schemathesis expects of valid data, and what besides is right where the contract's types say
# less than its words do.
ACCEPTED = ["2xx", "401", "403", "404", "409", "5xx"]
REFUSED = {
    # What is cancelled already is not cancelled again.
    "subscription.cancel": ["422"],
    # A product has to be one of the account's that renews.
    "subscription.product": ["422"],
    # The product has to be sold once, the amount to be more than nothing, the VAT rate to be one, and
    # the subscription to be no donation; the charge itself may fail.
    "subscription.charge": ["402", "422"],
    # The interval has to be one that there is, the currency three letters, the price not negative.
    "product.update": ["422"],
    # A URL is registered once.
    "endpoint.register": ["422"],
}


def ask(sim, path):
    url = f"{sim['api']}/{sim['account']}/{path}"
    request = urllib.request.Request(url, headers={"X-API-KEY": sim["api_key"]})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["data"]


def config(sim):
    subscriptions = [it["id"] for it in ask(sim, "subscriptions")]
    orders = [order["id"] for id in subscriptions[:3] for order in ask(sim, f"subscription/{id}/orders")]
    catalogue = ask(sim, "products")
    products = [it["id"] for it in catalogue]
    yield f"base-url = {json.dumps(sim['api'] + '/' + sim['account'])}"
    yield f"auth.openapi.key.api_key = {json.dumps(sim['api_key'])}"
    for name, ids in {"subscriptions": subscriptions, "orders": orders, "products": products}.items():
        yield f"[dictionaries.{name}]"
        yield f"values = {json.dumps(ids)}"
    for path, ids in {"subscription": "subscriptions", "order": "orders", "product": "products"}.items():
        yield "[[operations]]"
        yield f"include-path-regex = {json.dumps(f'^/{path}/')}"
        yield "[operations.parameters]"
        yield f'"path.id" = {{ dictionary = "{ids}", probability = 0.8 }}'
        yield '"body.product_id" = { dictionary = "products", probability = 0.8 }'
    yield f"[dictionaries.once]\nvalues = {json.dumps([it['id'] for it in catalogue if it['type'] == 'OneTime'])}"
    yield "[dictionaries.amounts]\nvalues = [1, 4995, 990000]"
    yield "[dictionaries.rates]\nvalues = [0, 600, 1200, 2500]"
    yield '[[operations]]\ninclude-operation-id = "subscription.charge"\n[operations.parameters]'
    for member, name in {"product_id": "once", "amount": "amounts", "quantity": "amounts", "vat": "rates"}.items():
        yield f'"body.{member}" = {{ dictionary = "{name}", probability = 0.9 }}'
    for operation, statuses in REFUSED.items():
        yield "[[operations]]"
        yield f"include-operation-id = {json.dumps(operation)}"
        yield "[operations.checks.positive_data_acceptance]"
        yield f"expected-statuses = {json.dumps(ACCEPTED + statuses)}"


if __name__ == "__main__":
    print("\n".join(config(json.loads(Path(sys.argv[1]).read_text()))))
