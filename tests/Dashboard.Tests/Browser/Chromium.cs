using LlmdAspire.Tests.Shared;
using Microsoft.Playwright;

namespace LlmdAspire.Dashboard.Tests.Browser;

/// <summary>One headless Chromium for the tests of a class, from the machine itself; nothing is downloaded.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (FindExecutable() is not { } executable)
        {
            return;
        }

        Assertions.SetDefaultExpectTimeout((float)Eventually.Timeout.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = executable,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A fresh page of its own context, or a skipped test where no Chromium is installed.</summary>
    internal async Task<Visit> OpenAsync(Uri url, int width, int height = 900, ColorScheme scheme = ColorScheme.Light, bool scripts = true)
    {
        if (_browser is null)
        {
            Assert.Skip($"No Chromium on the PATH (looked for {string.Join(", ", s_names)}).");
        }

        var context = await _browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            JavaScriptEnabled = scripts,
        });
        var page = await context.NewPageAsync();
        var visit = new Visit(context, page);
        await page.GotoAsync(url.ToString());
        return visit;
    }

    private static string? FindExecutable() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
