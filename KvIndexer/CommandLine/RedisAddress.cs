using System.Globalization;

namespace LlmdAspire.KvIndexer.CommandLine;

/// <summary>Where Redis or Valkey listens: <c>HOST:PORT</c>, or <c>HOST</c> for port 6379.</summary>
internal sealed record RedisAddress(string Host, int Port)
{
    private const int DefaultPort = 6379;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Whether a text has the form of those that hold a password, and must not be repeated to anybody.</summary>
    public static bool MayHoldPassword(string text) => text.Contains('@') || text.Contains(',');

    public static bool TryParse(string text, out RedisAddress address, out string? mistake)
    {
        (address, mistake) = (new RedisAddress("", 0), null);
        if (!Uri.TryCreate("redis://" + text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Port == 0 || uri.PathAndQuery is not ("" or "/") || text.EndsWith('/'))
        {
            mistake = "must be HOST:PORT, such as 127.0.0.1:6379";
            return false;
        }

        address = new RedisAddress(uri.Host.Trim('[', ']'), uri.Port < 0 ? DefaultPort : uri.Port);
        return true;
    }
}
