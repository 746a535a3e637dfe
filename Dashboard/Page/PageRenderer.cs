using LlmdAspire.Dashboard.State;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace LlmdAspire.Dashboard.Page;

/// <summary>Renders the page, or parts of it, to HTML. The same components make both, and Razor escapes every value in them. Thread-safe.</summary>
internal sealed class PageRenderer(IServiceProvider services, ILoggerFactory logging)
{
    public Task<string> RenderPageAsync(StackState state) => RenderAsync<Document>((nameof(Document.State), state));

    /// <summary>The live parts of the page, by the name in their element's <c>data-part</c>.</summary>
    public async Task<IReadOnlyDictionary<string, string>> RenderPartsAsync(StackState state) => new Dictionary<string, string>
    {
        ["sources"] = await RenderAsync<SourcesPart>((nameof(SourcesPart.State), state)),
        ["totals"] = await RenderAsync<TotalsPart>((nameof(TotalsPart.State), state)),
        ["topology"] = await RenderAsync<TopologyPart>((nameof(TopologyPart.State), state)),
        ["requests"] = await RenderAsync<RequestsPart>((nameof(RequestsPart.State), state)),
        ["models"] = await RenderAsync<ModelsPart>((nameof(ModelsPart.State), state)),
    };

    /// <summary>Why the request went where it went that <paramref name="state"/> was asked about.</summary>
    public Task<string> RenderWhyAsync(StackState state) => RenderAsync<WhyHere>((nameof(WhyHere.State), state));

    /// <summary>Where it has come along so far.</summary>
    public Task<string> RenderPathAsync(StackState state) => RenderAsync<PathList>((nameof(PathList.Steps), state.Why!.Path));

    private async Task<string> RenderAsync<TComponent>(params (string Name, object? Value)[] parameters)
        where TComponent : IComponent
    {
        await using var renderer = new HtmlRenderer(services, logging);
        var values = ParameterView.FromDictionary(parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value));
        return await renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<TComponent>(values)).ToHtmlString());
    }
}
