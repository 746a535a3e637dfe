using System.Globalization;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router;

internal sealed partial class RouterFlags
{
    /// <summary>The engines to begin with, each once.</summary>
    public IEnumerable<(EndpointId Id, WorkerRole Role)> Workers
    {
        get
        {
            foreach (var (_, url, role) in Listed)
            {
                if (EndpointId.TryParse(url, out var id, out _))
                {
                    yield return (id, role);
                }
            }
        }
    }

    /// <summary>Who is asked about clients' keys; nobody when they need none.</summary>
    public IReadOnlyList<Uri> KeyValidators => [.. KeyValidatorTexts.Select(url => new Uri(url))];

    // Several with commas too, as vllm-router takes them.
    private IEnumerable<string> KeyValidatorTexts =>
        ApiKeyValidationUrls.Value.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private IEnumerable<(string Flag, string Url, WorkerRole Role)> Listed =>
    [
        .. WorkerUrls.Value.Where(url => !string.IsNullOrWhiteSpace(url)).Select(url => ("worker-urls", url, WorkerRole.Regular)),
        .. Prefill.Value.Where((text, i) => !IsBootstrap(i)).Select(url => ("prefill", url, WorkerRole.Prefill)),
        .. Decode.Value.Select(url => ("decode", url, WorkerRole.Decode)),
    ];

    protected override IEnumerable<string> FindMistakes()
    {
        if (Mode != ModeFlag.Router)
        {
            yield return "--mode is 'sidecar'; these flags are those of --mode router.";
        }

        foreach (var (flag, url, _) in Listed)
        {
            if (!EndpointId.TryParse(url, out _, out var mistake))
            {
                yield return $"--{flag}: '{url}' {mistake}.";
            }
        }

        foreach (var url in KeyValidatorTexts)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            {
                yield return $"--api-key-validation-urls: '{url}' is no address; give http://HOST:PORT/PATH.";
            }
        }

        foreach (var twice in Workers.GroupBy(worker => worker.Id).Where(group => group.Count() > 1))
        {
            yield return PdDisaggregation && twice.Any(worker => worker.Role == WorkerRole.Prefill) && twice.Any(worker => worker.Role == WorkerRole.Decode)
                ? $"'{twice.Key}' is given as --prefill and as --decode; give each engine one of the two."
                : $"--worker-urls: '{twice.Key}' is given {twice.Count()} times; give each worker once.";
        }

        if (PdDisaggregation && Epp.Value is null && (Prefill.Value.Length == 0 || Decode.Value.Length == 0))
        {
            yield return "--vllm-pd-disaggregation needs engines for both stages; give --prefill URL and --decode URL.";
        }

        if (!PdDisaggregation && Epp.Value is null && Prefill.Value.Length + Decode.Value.Length > 0)
        {
            yield return "--prefill and --decode need --vllm-pd-disaggregation; without it, list engines with --worker-urls.";
        }

        foreach (var mistake in FindPolicyMistakes())
        {
            yield return mistake;
        }
    }

    // A number or none behind a URL is that engine's bootstrap port.
    private bool IsBootstrap(int at)
    {
        var text = Prefill.Value[at];
        return at > 0 && (text == "none" || ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }
}
