namespace LlmdAspire.Hosting.Embedded;

/// <summary>The parts of an image reference such as <c>docker.io/library/redis:8</c> or <c>registry:5000/a/b@sha256:...</c>.</summary>
/// <param name="Name">Registry and repository.</param>
/// <param name="Tag">What follows the colon of the last segment.</param>
/// <param name="Digest">Hexadecimal SHA-256.</param>
internal sealed record ImageReference(string Name, string? Tag, string? Digest)
{
    private const string DigestPrefix = "@sha256:";

    public static ImageReference Parse(string image)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(image);

        var at = image.IndexOf(DigestPrefix, StringComparison.Ordinal);
        if (at >= 0)
        {
            return Parse(image[..at]) with { Digest = image[(at + DigestPrefix.Length)..] };
        }

        // A colon before the last slash belongs to the registry's port.
        var colon = image.IndexOf(':', image.LastIndexOf('/') + 1);
        return colon < 0 ? new(image, null, null) : new(image[..colon], image[(colon + 1)..], null);
    }
}
