using LlmdAspire.Bench.Runs;
using LlmdAspire.Bench.Verbs;

return await BenchProgram.RunAsync(args, BenchConsole.System, TimeProvider.System);
