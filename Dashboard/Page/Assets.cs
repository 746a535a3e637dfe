using System.Reflection;
using Microsoft.Net.Http.Headers;

namespace LlmdAspire.Dashboard.Page;

/// <summary>The style sheet, the script and the icon, served from inside the assembly.</summary>
internal static class Assets
{
    private static readonly (string Name, string ContentType)[] s_assets =
    [
        ("dashboard.css", "text/css; charset=utf-8"),
        ("dashboard.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
    ];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var (name, contentType) in s_assets)
        {
            var bytes = Read(name);
            // The browser asks each time and mostly hears "not modified": a new version of the service is never seen through old styles.
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes).AsSpan(0, 8))}\"");
            endpoints.MapGet("/" + name, (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "no-cache";
                return Results.Bytes(bytes, contentType, entityTag: tag);
            });
        }
    }

    private static byte[] Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its asset {name}.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
