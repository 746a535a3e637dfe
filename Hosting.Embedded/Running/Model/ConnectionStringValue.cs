using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>A connection string that must exist, unless it is optional.</summary>
internal sealed class ConnectionStringValue(IResourceWithConnectionString source, bool optional) : IExpressionValue
{
    public IResourceWithConnectionString Source => source;

    public string ValueExpression => source.ValueExpression;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        var value = await source.GetValueAsync(context, cancellationToken);
        return string.IsNullOrEmpty(value) && !optional
            ? throw new DistributedApplicationException($"Resource '{source.Name}' has no connection string.")
            : value;
    }
}
