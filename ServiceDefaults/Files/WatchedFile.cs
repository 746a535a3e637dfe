using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults.Files;

/// <summary>Looks at a file once a second and tells when its content changed.</summary>
/// <remarks>
/// It is read rather than watched: mounted configuration is replaced by renaming links, which file system events miss. It is read once it has
/// stayed as it is from one look to the next: whoever writes it in place may be halfway.
/// </remarks>
/// <param name="changed">Gets the new content; must not throw.</param>
/// <param name="known">The content that is in force already.</param>
public sealed partial class WatchedFile(string path, Action<string> changed, string known, TimeProvider clock, ILogger<WatchedFile> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private string _known = known;
    private (DateTime Written, long Length) _stamp;
    private (DateTime Written, long Length) _settling;
    private bool _isUnreadable;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void Look()
    {
        try
        {
            var file = new FileInfo(path);
            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            var stamp = (target.LastWriteTimeUtc, target.Exists ? target.Length : -1);
            if (stamp == _stamp || stamp != _settling)
            {
                _settling = stamp;
                return;
            }

            var text = File.ReadAllText(path);
            _stamp = stamp;
            _isUnreadable = false;
            if (text != _known)
            {
                _known = text;
                changed(text);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Between two versions, or gone: what was read last stays in force.
            if (!_isUnreadable)
            {
                _isUnreadable = true;
                Unreadable(logger, path, e.Message);
            }
        }
    }

    [LoggerMessage(EventId = 31, Level = LogLevel.Warning, Message = "{Path} cannot be read ({Reason}); what it said before stays in force")]
    private static partial void Unreadable(ILogger logger, string path, string reason);
}
