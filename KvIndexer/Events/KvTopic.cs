using System.Text;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.KvIndexer.Events;

/// <summary>The topic of KV events by llm-d's convention: <c>kv@ENDPOINT@MODEL</c>.</summary>
internal static class KvTopic
{
    /// <summary>Reads a topic. False when it is none of that form; then it names nothing.</summary>
    /// <param name="endpoint">Address of the engine; <c>http://</c> is added where it has no scheme.</param>
    public static bool TryParse(ReadOnlySpan<byte> topic, out EndpointId endpoint, out string model)
    {
        endpoint = default;
        model = "";
        var parts = Encoding.UTF8.GetString(topic).Split('@');
        if (parts is not ["kv", var address, var name] || name.Length == 0 || !EndpointId.TryParse(address, out endpoint, out _))
        {
            return false;
        }

        model = name;
        return true;
    }
}
