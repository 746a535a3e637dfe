using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.Sse;

namespace LlmdAspire.Bench.Client;

/// <summary>Writes request bodies: what is the same in all is rendered once.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class Payload
{
    private const string Model = "model";
    private const string Prompt = "prompt";
    private const string Messages = "messages";
    private const string CompletionLimit = "max_tokens";
    private const string ChatLimit = "max_completion_tokens";

    // Between two pieces of fixed text stands what a request has of its own.
    private readonly List<(byte[] Fixed, string Own)> _pieces = [];
    private readonly byte[] _end;

    private Payload(IEnumerable<PayloadMember> members)
    {
        var text = new StringBuilder("{");
        foreach (var member in members)
        {
            text.Append(text.Length > 1 || _pieces.Count > 0 ? "," : "").Append(JsonSerializer.Serialize(member.Name)).Append(':');
            if (member.Json is not null)
            {
                text.Append(member.Json);
                continue;
            }

            _pieces.Add((Encoding.UTF8.GetBytes(text.ToString()), member.Name));
            text.Clear();
        }

        _end = Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    /// <summary>The body of a completion.</summary>
    /// <param name="logprobs">How many to ask for; null for none.</param>
    /// <param name="ignoreEos">Whether the answer goes on until its limit.</param>
    /// <param name="extra">Members that replace those of the same name, or are added.</param>
    public static Payload ForCompletions(int? logprobs, bool ignoreEos, IEnumerable<PayloadMember> extra) => Of(
    [
        new(Model, null), new(Prompt, null), new("repetition_penalty", "1.0"), new(CompletionLimit, null),
        new("logprobs", logprobs is null ? "null" : FormattableString.Invariant($"{logprobs}")), .. Stream,
    ], ignoreEos, extra);

    /// <summary>The body of a chat completion; parameters as for completions.</summary>
    public static Payload ForChat(bool ignoreEos, IEnumerable<PayloadMember> extra) =>
        Of([new(Model, null), new(Messages, null), new(ChatLimit, null), .. Stream], ignoreEos, extra);

    public void Write(IBufferWriter<byte> output, in RequestSpec request)
    {
        foreach (var (text, own) in _pieces)
        {
            output.Write(text);
            switch (own)
            {
                case Model:
                    output.Write(request.Model);
                    break;
                case Prompt:
                    WritePrompt(output, request.Messages);
                    break;
                case Messages:
                    WriteMessages(output, request.Messages);
                    break;
                default:
                    JsonText.WriteNumber(output, request.OutputTokens);
                    break;
            }
        }

        output.Write(_end);
    }

    private static PayloadMember[] Stream => [new("stream", "true"), new("stream_options", """{"include_usage":true}""")];

    private static Payload Of(List<PayloadMember> members, bool ignoreEos, IEnumerable<PayloadMember> extra)
    {
        if (ignoreEos)
        {
            members.Add(new("ignore_eos", "true"));
        }

        foreach (var member in extra)
        {
            var at = members.FindIndex(known => known.Name == member.Name);
            if (at >= 0)
            {
                members[at] = member;
            }
            else
            {
                members.Add(member);
            }
        }

        return new Payload(members);
    }

    // Without a template, a conversation is its texts behind each other.
    private static void WritePrompt(IBufferWriter<byte> output, IReadOnlyList<Message> messages)
    {
        output.Write("\""u8);
        for (var i = 0; i < messages.Count; i++)
        {
            JsonText.WriteEscaped(output, messages[i].Text.Span);
        }

        output.Write("\""u8);
    }

    private static void WriteMessages(IBufferWriter<byte> output, IReadOnlyList<Message> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            output.Write(i == 0 ? "["u8 : ","u8);
            output.Write(messages[i].IsFromUser ? "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\""u8 : "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\""u8);
            JsonText.WriteEscaped(output, messages[i].Text.Span);
            output.Write("\"}]}"u8);
        }

        output.Write("]"u8);
    }
}
