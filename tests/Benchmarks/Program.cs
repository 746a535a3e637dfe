using BenchmarkDotNet.Running;
using LlmdAspire.Benchmarks;
using LlmdAspire.Benchmarks.EngineRuns;
using LlmdAspire.Benchmarks.Verbs;

return args switch
{
    ["ingest", .. var rest] => await Ingest.RunAsync(rest),
    ["publish", .. var rest] => await Publish.RunAsync(rest),
    ["index-memory"] => IndexMemory.Run(),
    ["lookup"] => Lookup.Run(),
    ["decision"] => await Decision.RunAsync(),
    ["picks"] => await Picks.RunAsync(),
    ["picker"] => await Picker.RunAsync(),
    ["curves", .. var rest] => Curves.Run(rest),
    ["predictions", .. var rest] => Predictions.Run(rest),
    ["steps"] => Steps.Run(),
    [] => Usage(),
    _ => BenchmarkSwitcher.FromAssembly(typeof(ShortRuns).Assembly).Run(args, new ShortRuns()).Any() ? 0 : 2,
};

static int Usage()
{
    Console.Error.WriteLine("benchmarks: say what to run: --filter '*' or a part of a name, ingest, index-memory, lookup, decision, picks, curves, predictions or steps; see tests/Benchmarks/README.md.");
    return 2;
}
