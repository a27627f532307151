"""Serves localstripe for one test: on 127.0.0.1, on a free port, and with a state file of its own.

    python serve.py <state file> [--forget-keys]

Prints the port, and ends when its standard input does. Left alone, localstripe listens on all interfaces and keeps its
state in one file for the whole machine. What Stripe has and it lacks, as far as the gateway relies on it, is added: the
captured amount of an intent, another means of payment after one was declined, webhooks of what is promised and of what
is given back, lists by time, and that a call is carried out once under its key, unless keys are to be forgotten.
"""

import asyncio
import pickle
import sys

from aiohttp import web
from localstripe import errors, resources, server

state = sys.argv[1]


def dump_to_disk(self):
    with open(state, "wb") as file:
        pickle.dump(self, file, protocol=pickle.HIGHEST_PROTOCOL)


type(resources.store).dump_to_disk = dump_to_disk


def amount_received(intent):
    charge = intent.latest_charge
    if charge is None or charge.status != "succeeded" or not charge.captured:
        return 0
    return getattr(charge, "_taken", charge.amount)


def amount_capturable(intent):
    return intent.amount if intent.status == "requires_capture" else 0


resources.PaymentIntent.amount_received = property(amount_received)
resources.PaymentIntent.amount_capturable = property(amount_capturable)

capture = resources.Charge._capture


def capture_and_remember(charge, amount, on_success=None):
    capture(charge, amount, on_success)
    charge._taken = charge.amount if amount is None else int(amount)


resources.Charge._capture = capture_and_remember


update = resources.PaymentIntent._api_update


def update_and_try_again(cls, id, **data):
    intent = update(id, **data)
    if "payment_method" in data and intent.latest_charge and intent.latest_charge.status == "failed":
        intent.latest_charge = None
    return intent


resources.PaymentIntent._api_update = classmethod(update_and_try_again)


create_charge = resources.PaymentIntent._create_charge


def create_charge_and_tell(intent, on_failure_now):
    create_charge(intent, on_failure_now)
    if intent.status == "requires_capture":
        told = resources.Event("payment_intent.amount_capturable_updated", intent)
        resources.schedule_webhook(told)


resources.PaymentIntent._create_charge = create_charge_and_tell

create_refund = resources.Refund._api_create


def create_refund_and_tell(cls, **data):
    refund = create_refund(**data)
    resources.schedule_webhook(resources.Event("refund.created", refund))
    return refund


resources.Refund._api_create = classmethod(create_refund_and_tell)


def by_time(cls):
    list_all = cls._api_list_all

    def listed(cls_, url, created=None, limit=None, starting_after=None, **filters):
        found = list_all(url, limit=limit, starting_after=starting_after, **filters)
        since = int((created or {}).get("gte", 0))
        until = int((created or {}).get("lt", 2**62))
        found._list = [it for it in found._list if since <= it.created < until]
        return found

    cls._api_list_all = classmethod(listed)


by_time(resources.PaymentIntent)
by_time(resources.Refund)

answered = {}


@web.middleware
async def once(request, handler):
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return await handler(request)
    asked = (request.path, await request.read())
    if key not in answered:
        try:
            answer = await handler(request)
        except errors.UserError as error:
            answer = error.to_response()
        answered[key] = (asked, answer.status, answer.body)
    before, status, body = answered[key]
    if before != asked:
        raise errors.UserError(400, "this key belongs to another call")
    return web.Response(status=status, body=body, content_type="application/json")


keys = [] if "--forget-keys" in sys.argv else [once]

# The routes were made of the classes before they were changed.
app = web.Application(
    middlewares=[
        server.error_middleware,
        server.auth_middleware,
        *keys,
        server.save_store_middleware,
    ]
)
for method, url, function in resources.extra_apis:
    app.router.add_route(method, url, server.api_extra(function, url))
for cls in (resources.PaymentIntent, resources.PaymentMethod, resources.Refund, resources.Event):
    path = f"/v1/{cls.object}s"
    app.router.add_post(path, server.api_create(cls, path))
    app.router.add_get(path, server.api_list_all(cls, path))
    app.router.add_get(path + "/{id}", server.api_retrieve(cls, path + "/{id}"))
    app.router.add_post(path + "/{id}", server.api_update(cls, path + "/{id}"))
app.router.add_post("/_config/webhooks/{id}", server.config_webhook)


async def serve():
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


asyncio.run(serve())
