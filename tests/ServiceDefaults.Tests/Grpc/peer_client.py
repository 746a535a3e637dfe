"""A gRPC client made of grpcio's generic calls: one scenario per run, exit code 0 when it held."""
import sys
import threading

import grpc

LIMIT = 60


def unary(channel, method, **options):
    return channel.unary_unary("/test.Echo/" + method)(options.pop("body", b"hello"), timeout=options.pop("timeout", LIMIT), **options)


def fails(code, call):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()}: {error.details()}"
        return error
    raise AssertionError("the call did not fail")


def echo(channel):
    for i in range(100):
        body = b"%d" % i
        assert unary(channel, "Unary", body=body) == body
    assert unary(channel, "Unary", body=b"") == b""


def metadata(channel):
    token = bytes(range(256))
    body, call = channel.unary_unary("/test.Echo/Unary").with_call(b"x", timeout=LIMIT, metadata=(("token-bin", token), ("say", "hi there")))
    trailers = dict(call.trailing_metadata())
    assert trailers["token-bin"] == token, trailers
    assert trailers["said"] == "hi there", trailers


def duplex(channel):
    messages = [b"%06d" % i * (i % 50) for i in range(1000)]
    answers = list(channel.stream_stream("/test.Echo/Duplex")(iter(messages), timeout=LIMIT))
    assert answers == messages


def ping_pong(channel):
    """Each message is sent only once the one before was answered, so neither side may wait for the other's end."""
    turn = threading.Semaphore(1)

    def questions():
        for i in range(200):
            turn.acquire()
            yield b"%d" % i

    count = 0
    for answer in channel.stream_stream("/test.Echo/Duplex")(questions(), timeout=LIMIT):
        assert answer == b"%d" % count
        count += 1
        turn.release()
    assert count == 200


def large(channel):
    body = bytes(range(256)) * (3 * 1024 * 4)
    assert len(body) == 3 * 1024 * 1024
    assert unary(channel, "Unary", body=body) == body
    assert list(channel.stream_stream("/test.Echo/Duplex")(iter([body] * 5), timeout=LIMIT)) == [body] * 5


def too_large(channel):
    error = fails(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: unary(channel, "Unary", body=bytes(5 * 1024 * 1024)))
    assert "4194304" in error.details(), error.details()
    echo(channel)


def status(channel):
    error = fails(grpc.StatusCode.FAILED_PRECONDITION, lambda: unary(channel, "Fail"))
    assert error.details() == "50% of it: größer\nthan allowed", error.details()
    assert dict(error.trailing_metadata())["retry-pushback"] == "none"
    received = []

    def later():
        for answer in channel.stream_stream("/test.Echo/FailLater")(iter([b"a", b"b"]), timeout=LIMIT):
            received.append(answer)

    error = fails(grpc.StatusCode.ABORTED, later)
    assert error.details() == "50% of it: größer\nthan allowed", error.details()
    assert received == [b"a", b"b"], received
    error = fails(grpc.StatusCode.UNKNOWN, lambda: unary(channel, "Crash"))
    assert "secret" not in error.details(), error.details()


def unknown(channel):
    fails(grpc.StatusCode.UNIMPLEMENTED, lambda: unary(channel, "Nothing"))
    fails(grpc.StatusCode.UNIMPLEMENTED, lambda: list(channel.stream_stream("/other.Service/Method")(iter([b"x"]), timeout=LIMIT)))


def deadline(channel):
    # Connected first, or the deadline could pass before the server hears of the call.
    echo(channel)
    fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: unary(channel, "Wait", timeout=1))


def cancel(channel):
    asked = threading.Event()

    def questions():
        yield b"first"
        asked.wait()

    call = channel.stream_stream("/test.Echo/Duplex")(questions(), timeout=LIMIT)
    assert next(call) == b"first"
    call.cancel()
    fails(grpc.StatusCode.CANCELLED, lambda: next(call))
    asked.set()
    flood = channel.unary_stream("/test.Echo/Flood")(b"1000000", timeout=LIMIT)
    assert len(next(flood)) == 65536
    flood.cancel()
    fails(grpc.StatusCode.CANCELLED, lambda: list(flood))


def hang(channel):
    unary(channel, "Wait")


def compressed(channel):
    call = channel.unary_unary("/test.Echo/Unary")
    error = fails(grpc.StatusCode.UNIMPLEMENTED, lambda: call(b"a" * 10000, timeout=LIMIT, compression=grpc.Compression.Gzip))
    assert "identity" in error.details(), error.details()


def concurrent(channel):
    call = channel.unary_unary("/test.Echo/Unary")
    futures = [call.future(b"%d" % i, timeout=LIMIT) for i in range(500)]
    assert [future.result() for future in futures] == [b"%d" % i for i in range(500)]


def health_types():
    """grpc.health.v1's messages, described here by their field numbers."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="health.proto", package="grpc.health.v1", syntax="proto3")
    request = file.message_type.add(name="HealthCheckRequest")
    request.field.add(name="service", number=1, type=9, label=1)
    response = file.message_type.add(name="HealthCheckResponse")
    response.field.add(name="status", number=1, type=5, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return [factory.GetPrototype(pool.FindMessageTypeByName("grpc.health.v1." + name)) for name in ("HealthCheckRequest", "HealthCheckResponse")]


def health(channel):
    request, response = health_types()
    check = channel.unary_unary("/grpc.health.v1.Health/Check", request.SerializeToString, response.FromString)
    watch = channel.unary_stream("/grpc.health.v1.Health/Watch", request.SerializeToString, response.FromString)
    assert check(request(), timeout=LIMIT).status == 1
    assert check(request(service="down"), timeout=LIMIT).status == 2
    fails(grpc.StatusCode.NOT_FOUND, lambda: check(request(service="nobody"), timeout=LIMIT))
    changes = watch(request(service="later"), timeout=LIMIT)
    assert next(changes).status == 3
    print("watching")
    sys.stdout.flush()
    assert next(changes).status == 1
    changes.cancel()


if __name__ == "__main__":
    port, scenario = sys.argv[1:3]
    options = [("grpc.max_receive_message_length", 16 * 1024 * 1024)]
    if len(sys.argv) > 3:
        with open(sys.argv[3], "rb") as certificate:
            credentials = grpc.ssl_channel_credentials(certificate.read())
        peer = grpc.secure_channel(f"localhost:{port}", credentials, options)
    else:
        peer = grpc.insecure_channel(f"127.0.0.1:{port}", options)
    with peer:
        globals()[scenario](peer)
    print("held")
