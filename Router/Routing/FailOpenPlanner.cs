using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Routing;

/// <summary>Plans without the endpoint picker, which gave no answer: the least-loaded healthy worker that may decode does all by itself.</summary>
internal sealed class FailOpenPlanner(WorkerSelector selector, Exchange exchange, string because) : ILegPlanner
{
    public string Policy => "epp";

    public bool WantsPrefill => false;

    public LegChoice ChoosePrefill(IReadOnlyList<Worker> tried) => selector.SelectLeastLoaded(exchange.Peek.Model, WorkerRole.Prefill, tried);

    public LegChoice ChooseDecode(IReadOnlyList<Worker> tried, Worker? prefill)
    {
        var choice = selector.SelectLeastLoaded(exchange.Peek.Model, WorkerRole.Decode, tried);
        return choice with { Reason = $"the endpoint picker gave no answer ({because}); among the workers that decode: {choice.Reason}" };
    }
}
