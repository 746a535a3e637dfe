using System.Text.Encodings.Web;
using System.Text.Json;
using LlmdAspire.Bench.Arrivals;
using LlmdAspire.Bench.Client;
using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Datasets;
using LlmdAspire.Bench.Results;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.Runs;

/// <summary>One run against one server, from the first look at it to the figures.</summary>
internal sealed class Benchmark : IAsyncDisposable
{
    private static readonly TimeSpan s_readyPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_profilerPatience = TimeSpan.FromMinutes(1);

    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly LoadFlags _flags;
    private readonly RunVariant _variant;
    private readonly BenchConsole _console;
    private readonly TimeProvider _clock;
    private readonly Target _target;
    private readonly HttpMessageInvoker _http;
    private readonly ServerInfo _server;
    private readonly CompletionClient _client;
    private readonly ITokenizer _tokenizer;
    private readonly long _opened;
    private bool _profiles;

    public Benchmark(LoadFlags flags, RunVariant variant, BenchConsole console, TimeProvider clock)
    {
        (_flags, _variant, _console, _clock) = (flags, variant, console, clock);
        _opened = clock.GetTimestamp();
        _target = variant.Target ?? flags.Target;
        _tokenizer = TokenizerChoice.Open(flags.Tokenizer, console.Warn);
        _http = HttpConnections.Open(_target, flags.Insecure);
        var headers = new RequestHeaders(
            Environment.GetEnvironmentVariable("OPENAI_API_KEY"), KeyValues.Read(flags.Headers.Value),
            flags.RequestIdPrefix.Value ?? $"bench-{Guid.NewGuid().ToString("N")[..8]}-");
        _server = new ServerInfo(_http, _target, headers);
        _client = new CompletionClient(_http, _target, headers, flags.Payload, flags.IsChat, _tokenizer, clock);
    }

    /// <summary>Runs and prints the table.</summary>
    /// <exception cref="UsageException">There is no server, or the flags do not fit the data.</exception>
    /// <exception cref="OperationCanceledException">Stopped before the run had begun.</exception>
    public async Task<BenchmarkResult> RunAsync(CancellationToken stop)
    {
        await PatientlyAsync(() => Reachability.CheckAsync(_target, stop), stop);
        var (name, id) = await ModelAsync(stop);
        var tools = DatasetTools.Of(_tokenizer, _flags.Seed + _variant.SeedOffset);
        var dataset = DatasetFlags.Create(_flags);
        var conversations = dataset.Sample(_flags.NumPrompts, tools);
        if (_flags.ReadyCheckTimeout > 0)
        {
            await PatientlyAsync(() => CheckReadyAsync(conversations, name, stop), stop);
        }

        conversations = dataset.PromisesLength ? await FitAsync(conversations, tools, name, stop) : conversations;
        await WarmUpAsync(conversations, name, stop);

        var rampUp = _flags.RampUp;
        var arrivals = rampUp is null
            ? ArrivalTimes.Steady(conversations.Count, _flags.RequestRate, _flags.Burstiness, tools.Random)
            : ArrivalTimes.Growing(conversations.Count, rampUp, _flags.Burstiness, tools.Random);
        Announce(rampUp);
        var run = new LoadRun(_client, conversations, new LoadOptions
        {
            Arrivals = arrivals,
            MaxConcurrency = MaxConcurrency,
            ModelOf = ModelOf(name, conversations.Sum(conversation => conversation.Turns.Count), tools.Random),
            ThinkTime = _flags.MultiTurnThinkTime,
            KeepsText = _flags.SaveDetailed,
        }, _clock);
        await StartProfilerAsync(stop);
        var date = _clock.GetLocalNow();
        var (outcomes, duration) = await MeasureAsync(run, stop);

        var result = new BenchmarkResult
        {
            Date = date,
            Backend = _flags.BackendName,
            Label = _variant.Label ?? _flags.Label,
            ModelId = id,
            TokenizerId = _flags.Tokenizer,
            NumPrompts = _flags.NumPrompts,
            Metadata = KeyValues.Read(_flags.Metadata.Value),
            RequestRate = _flags.RequestRate,
            Burstiness = _flags.Burstiness,
            MaxConcurrency = MaxConcurrency,
            RampUp = rampUp is null ? null : RampUpReport.Of(rampUp, arrivals, date),
            Options = _flags.Report,
            Metrics = Metrics.Of(outcomes, duration, _flags.Report.Goodput),
            Outcomes = outcomes,
            IsInterrupted = stop.IsCancellationRequested && outcomes.Count < run.Requests,
        };
        if (result.IsInterrupted)
        {
            _console.Warn($"interrupted; the figures are those of {outcomes.Count} of {run.Requests} requests.");
        }

        FailureList.Write(_console.Out, outcomes);
        ResultTable.Write(_console.Out, result.Metrics, result.Options, result.RequestRate, result.MaxConcurrency);
        return result;
    }

    /// <summary>Stops the server's profiler, which may take as long as it takes to write its trace: the result is out by now.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_profiles)
        {
            await StopProfilerAsync();
        }

        _http.Dispose();
    }

    private int? MaxConcurrency => _variant.MaxConcurrency ?? _flags.MaxConcurrencyFlag;

    private async Task<(string Name, string Id)> ModelAsync(CancellationToken stop)
    {
        if (_flags.Model.Value is { Length: > 0 } model)
        {
            return (_flags.ServedModelName.Value ?? model, model);
        }

        var first = ("", "");
        await PatientlyAsync(async () => first = await _server.FirstModelAsync(stop)
            ?? throw new UsageException($"{_target.BaseUrl} names no model under /v1/models; name one with --model."), stop);
        var (name, id) = first;
        return (_flags.ServedModelName.Value ?? name, id);
    }

    private async Task<IReadOnlyList<Conversation>> FitAsync(IReadOnlyList<Conversation> conversations, DatasetTools tools, string model, CancellationToken stop)
    {
        var fitted = await new ServerAlignment(_server, model, tools.Text, _flags.Seed + _variant.SeedOffset).FitAsync(conversations, stop);
        if (fitted is null)
        {
            await _console.Error.WriteLineAsync("WARNING: /tokenize unavailable, skipping alignment.");
        }
        else if (fitted != conversations)
        {
            _console.Warn("the server's tokenizer is another one; prompts were fitted to it.");
        }

        return fitted ?? conversations;
    }

    private async Task CheckReadyAsync(IReadOnlyList<Conversation> conversations, string model, CancellationToken stop)
    {
        var (outcomes, _) = await Unmeasured(conversations, model, requests: 1).RunAsync(stop);
        stop.ThrowIfCancellationRequested();
        if (!outcomes[0].Success)
        {
            throw new UsageException($"{_target.BaseUrl} was not ready within {_flags.ReadyCheckTimeout.Value} s ({outcomes[0].Error}); wait longer with --ready-check-timeout-sec, or look at the server's log.");
        }
    }

    // Again and again while a server may still be starting; once when --ready-check-timeout-sec is 0.
    private async Task PatientlyAsync(Func<Task> attempt, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await attempt();
                return;
            }
            catch (UsageException) when (_clock.GetElapsedTime(_opened).TotalSeconds < _flags.ReadyCheckTimeout)
            {
                await Task.Delay(s_readyPause, _clock, stop);
            }
        }
    }

    private async Task WarmUpAsync(IReadOnlyList<Conversation> conversations, string model, CancellationToken stop)
    {
        if (_flags.Warmups > 0)
        {
            _ = await Unmeasured(conversations, model, _flags.Warmups).RunAsync(stop);
            stop.ThrowIfCancellationRequested();
        }
    }

    // The first prompt, some times.
    private LoadRun Unmeasured(IReadOnlyList<Conversation> conversations, string model, int requests)
    {
        var json = JsonText(model);
        var first = Conversation.Of(conversations[0].Turns[0]);
        return new LoadRun(_client, [.. Enumerable.Repeat(first, requests)], new LoadOptions
        {
            Arrivals = new double[requests],
            MaxConcurrency = MaxConcurrency,
            ModelOf = _ => json,
            IsMeasured = false,
        }, _clock);
    }

    private async Task<(IReadOnlyList<RequestOutcome> Outcomes, double Duration)> MeasureAsync(LoadRun run, CancellationToken stop)
    {
        if (!_console.IsTerminal || _flags.DisableProgress)
        {
            return await run.RunAsync(stop);
        }

        await using var progress = new ProgressBar(run, _console.Error, _clock);
        return await run.RunAsync(stop);
    }

    private Func<int, byte[]> ModelOf(string model, int requests, Random random)
    {
        if (_flags.LoraModules.Value is not { Length: > 0 } modules)
        {
            var json = JsonText(model);
            return _ => json;
        }

        var names = modules.Select(JsonText).ToArray();
        var chosen = Enumerable.Range(0, requests)
            .Select(i => names[_flags.LoraAssignment == LoadFlags.RoundRobin ? i % names.Length : random.Next(names.Length)]).ToArray();
        return i => chosen[i];
    }

    private async Task StartProfilerAsync(CancellationToken stop)
    {
        if (!_flags.Profile || stop.IsCancellationRequested)
        {
            return;
        }

        _profiles = await _server.PostAsync("/start_profile", stop);
        if (!_profiles)
        {
            _console.Warn("the server did not start its profiler; it needs a profiler configuration of its own.");
        }
    }

    private async Task StopProfilerAsync()
    {
        using var patience = new CancellationTokenSource(s_profilerPatience, _clock);
        try
        {
            if (!await _server.PostAsync("/stop_profile", patience.Token))
            {
                _console.Warn("the server did not stop its profiler; post to its /stop_profile yourself.");
            }
        }
        catch (OperationCanceledException)
        {
            _console.Warn($"the server is still stopping its profiler after {s_profilerPatience.TotalSeconds:0} s; its trace may be complete later.");
        }
    }

    private void Announce(RampUp? rampUp)
    {
        var traffic = rampUp is null
            ? $"Traffic request rate: {PythonNumber.Repr(_flags.RequestRate)}"
            : FormattableString.Invariant($"Traffic ramp-up: {_flags.RampUpStrategy.Value}, {rampUp.StartRate} to {rampUp.EndRate} RPS");
        var process = _flags.Burstiness == 1 ? "Poisson process" : "Gamma distribution";
        _console.Out.WriteLine(traffic);
        _console.Out.WriteLine($"Burstiness factor: {PythonNumber.Repr(_flags.Burstiness)} ({process})");
        _console.Out.WriteLine($"Maximum request concurrency: {(MaxConcurrency is { } limit ? FormattableString.Invariant($"{limit}") : "None")}");
    }

    private static byte[] JsonText(string text) => JsonSerializer.SerializeToUtf8Bytes(text, s_relaxed);
}
