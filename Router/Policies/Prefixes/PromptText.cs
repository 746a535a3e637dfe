using System.Buffers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>The beginning of a request's prompt as it stands in the body, in one piece.</summary>
/// <remarks>Borrowed from the body, or rented when the body came in pieces: dispose it, and do not keep the span.</remarks>
internal readonly ref struct PromptText
{
    // 128k tokens or so: what comes behind it decides nothing any more.
    public const int MaxBytes = 512 << 10;

    private readonly byte[]? _rented;

    private PromptText(ReadOnlySpan<byte> bytes, byte[]? rented)
    {
        Bytes = bytes;
        _rented = rented;
    }

    /// <summary>Empty when the request has no prompt.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public static PromptText Of(in RoutingRequest request)
    {
        var (start, length) = (request.Peek.Prompt.Start, request.Peek.Prompt.Length);

        // The bracket or quote that ends a prompt is left out, or no prompt would be the beginning of a longer one.
        (start, length) = (start + 1, Math.Min(length - 2, MaxBytes));
        if (request.Peek.PromptKind == PromptKind.None || length <= 0 || start + length > request.Body.Length)
        {
            return default;
        }

        var first = request.Body.FirstSpan;
        if (start + length <= first.Length)
        {
            return new(first.Slice((int)start, (int)length), null);
        }

        var rented = ArrayPool<byte>.Shared.Rent((int)length);
        request.Body.Slice(start, length).CopyTo(rented);
        return new(rented.AsSpan(0, (int)length), rented);
    }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }
}
