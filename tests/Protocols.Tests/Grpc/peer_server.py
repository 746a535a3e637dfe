"""A gRPC server made of grpcio's generic handlers. Prints its port; ends with the process that started it."""
import os
import sys
import threading
import time
from concurrent import futures

import grpc

LIMIT = 64 * 1024 * 1024


def echo(request, context):
    metadata = dict(context.invocation_metadata())
    if "token-bin" in metadata:
        context.send_initial_metadata((("seen", metadata.get("say", "")),))
        context.set_trailing_metadata((("token-bin", metadata["token-bin"]), ("trace", metadata.get("traceparent", "none"))))
    return request


def echo_all(requests, context):
    for request in requests:
        yield request


def fail(request, context):
    context.set_trailing_metadata((("retry-pushback", "none"),))
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "50% of it: größer\nthan allowed")


def fail_later(requests, context):
    for request in requests:
        yield request
    context.abort(grpc.StatusCode.ABORTED, "after all")


def refuse(requests, context):
    """Ends the call without reading anything of it."""
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "not you")
    yield b""


def wait(request, context):
    ended = threading.Event()
    if not context.add_callback(ended.set):
        ended.set()
    print("waiting", flush=True)
    ended.wait()
    print("cancelled", flush=True)
    return b""


def wait_all(requests, context):
    """Tells by a callback how the call ended: a call that is cancelled while its first answer is sent never comes back from the yield."""
    finished = threading.Event()

    def tell():
        print("finished" if finished.is_set() else "cancelled", flush=True)

    if not context.add_callback(tell):
        tell()
    yield next(requests)
    try:
        for request in requests:
            pass
        finished.set()
    except grpc.RpcError:
        pass


def big(request, context):
    return bytes(int(request))


def deadline(request, context):
    return b"%d" % round((context.time_remaining() or 0) * 1000)


METHODS = {
    "Unary": grpc.unary_unary_rpc_method_handler(echo),
    "Duplex": grpc.stream_stream_rpc_method_handler(echo_all),
    "Fail": grpc.unary_unary_rpc_method_handler(fail),
    "FailLater": grpc.stream_stream_rpc_method_handler(fail_later),
    "Refuse": grpc.stream_stream_rpc_method_handler(refuse),
    "Wait": grpc.unary_unary_rpc_method_handler(wait),
    "WaitAll": grpc.stream_stream_rpc_method_handler(wait_all),
    "Big": grpc.unary_unary_rpc_method_handler(big),
    "Deadline": grpc.unary_unary_rpc_method_handler(deadline),
}


def end_with_parent(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    server = grpc.server(
        futures.ThreadPoolExecutor(32), options=[("grpc.max_receive_message_length", LIMIT), ("grpc.max_send_message_length", LIMIT), ("grpc.so_reuseport", 0)]
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", METHODS),))
    if len(sys.argv) > 1:
        with open(sys.argv[1], "rb") as certificate, open(sys.argv[2], "rb") as key:
            credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"port {port}", flush=True)
    server.wait_for_termination()
