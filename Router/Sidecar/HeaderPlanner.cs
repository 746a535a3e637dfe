using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Sidecar;

/// <summary>Plans for the engine of this pod, after one of the prefill engines that the request names.</summary>
internal sealed class HeaderPlanner(WorkerPool pool, Worker engine, Worker[] prefillers) : ILegPlanner
{
    public string Policy => "headers";

    public bool WantsPrefill => prefillers.Length > 0;

    public LegChoice ChoosePrefill(IReadOnlyList<Worker> tried)
    {
        var next = Array.Find(prefillers, worker => !tried.Contains(worker)) ?? prefillers[tried.Count % prefillers.Length];
        return new(next, pool.Current, prefillers, "named by the request");
    }

    public LegChoice ChooseDecode(IReadOnlyList<Worker> tried, Worker? prefill) => new(engine, pool.Current, [engine], "the engine of this pod");
}
