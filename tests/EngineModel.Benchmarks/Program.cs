using LlmdAspire.EngineModel.Benchmarks;

return args switch
{
    ["curves", .. var rest] => Curves.Run(rest),
    ["predictions", .. var rest] => Predictions.Run(rest),
    ["steps"] => Steps.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        Usage: EngineModel.Benchmarks VERB
          curves FILE.svg [PROFILE]   throughput and latencies against concurrency, as a picture and as a table
          predictions [PROFILE]       the table of the profiles' README, and the published split run
          steps                       what a step costs this machine, beside the time it stands for
        """);
    return 2;
}
