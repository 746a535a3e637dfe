using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.Client;

/// <summary>Sends requests and takes the times of their answers. Thread-safe.</summary>
internal sealed class CompletionClient(
    HttpMessageInvoker http, Target target, RequestHeaders headers, Payload payload, bool isChat, ITokenizer tokenizer, TimeProvider clock)
{
    private const int DetailBytes = 512;

    private readonly ConcurrentBag<Workspace> _workspaces = [];

    /// <summary>Sends one request and reads its answer to the end. A failure is an outcome, not an exception.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="started">When the run began; start times count from there.</param>
    /// <param name="keepsText">Whether the answer's text is wanted.</param>
    /// <param name="stop">Breaks the request off.</param>
    /// <exception cref="OperationCanceledException">It was broken off.</exception>
    public async Task<RequestOutcome> SendAsync(RequestSpec request, long started, bool keepsText, CancellationToken stop)
    {
        if (!_workspaces.TryTake(out var workspace))
        {
            workspace = new Workspace(isChat, clock.TimestampFrequency);
        }

        workspace.Body.ResetWrittenCount();
        payload.Write(workspace.Body, request);
        using var message = new HttpRequestMessage(HttpMethod.Post, target.Api)
        {
            Version = HttpVersion.Version11,
            Content = new ReadOnlyMemoryContent(workspace.Body.WrittenMemory),
        };
        headers.AddTo(message, request.Index);
        var sent = clock.GetTimestamp();
        workspace.Recorder.Begin(sent);
        workspace.Events.Reset();
        try
        {
            using var response = await http.SendAsync(message, stop);
            var verdict = response.StatusCode == HttpStatusCode.OK
                ? await ReadAnswerAsync(response, workspace, stop)
                : new RequestOutcome { Error = response.ReasonPhrase is { Length: > 0 } reason ? reason : $"{(int)response.StatusCode}", Detail = await ReadDetailAsync(response, stop) };
            var outcome = Outcome(verdict);

            // Only after a whole exchange is nobody reading the body any more.
            _workspaces.Add(workspace);
            return outcome;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidDataException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return Outcome(new RequestOutcome { Error = $"{e.GetType().Name}: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}" });
        }

        RequestOutcome Outcome(RequestOutcome verdict) => workspace.Recorder.ToOutcome(request.InputTokens, tokenizer, keepsText) with
        {
            StartTime = (double)(sent - started) / clock.TimestampFrequency,
            Success = verdict.Success,
            Error = verdict.Error,
            Detail = verdict.Detail,
        };
    }

    private async Task<RequestOutcome> ReadAnswerAsync(HttpResponseMessage response, Workspace workspace, CancellationToken stop)
    {
        var (events, recorder) = (workspace.Events, workspace.Recorder);
        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        while (await stream.ReadAsync(events.GetMemory(), stop) is > 0 and var count)
        {
            var now = clock.GetTimestamp();
            events.Advance(count);
            while (events.TryRead(out var data))
            {
                recorder.Take(data, now);
            }
        }

        if (events.TryReadLast(out var last))
        {
            recorder.Take(last, clock.GetTimestamp());
        }

        return recorder.HasChoices
            ? new RequestOutcome { Success = true }
            : new RequestOutcome { Error = "The answer held no chunk with choices, so it has no first token." };
    }

    private static async Task<string> ReadDetailAsync(HttpResponseMessage response, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(DetailBytes);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(stop);
            var length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, DetailBytes), DetailBytes, throwOnEndOfStream: false, stop);
            return Encoding.UTF8.GetString(buffer, 0, length).ReplaceLineEndings(" ");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What one request at a time works with.</summary>
    private sealed class Workspace(bool isChat, long ticksPerSecond)
    {
        public ArrayBufferWriter<byte> Body { get; } = new();

        public EventReader Events { get; } = new();

        public AnswerRecorder Recorder { get; } = new(isChat, ticksPerSecond);
    }
}
