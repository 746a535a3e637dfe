using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Routing;

/// <summary>Says, attempt by attempt, where the legs of one request go.</summary>
/// <remarks>Belongs to one request and is asked by one thread at a time; no I/O: whoever had to be asked was asked before.</remarks>
internal interface ILegPlanner
{
    /// <summary>Who decides, as <c>/explain</c> and the metrics name it.</summary>
    string Policy { get; }

    /// <summary>Whether another worker is to compute the prompt first.</summary>
    bool WantsPrefill { get; }

    /// <summary>The next worker to compute the prompt.</summary>
    /// <param name="tried">Those that failed; taken again only when no other is left.</param>
    LegChoice ChoosePrefill(IReadOnlyList<Worker> tried);

    /// <summary>The next worker to answer the client.</summary>
    /// <param name="prefill">Who computed, or will compute, the prompt; null when the worker does all by itself.</param>
    LegChoice ChooseDecode(IReadOnlyList<Worker> tried, Worker? prefill);
}
