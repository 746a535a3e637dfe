using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The variables that tell a resource how to connect to another.</summary>
internal sealed class ConnectionStringVariables(IResourceWithConnectionString source, string connectionName, bool optional)
{
    public void AddTo(Dictionary<string, object> variables)
    {
        variables[source.ConnectionStringEnvironmentVariable ?? "ConnectionStrings__" + connectionName] = new RequiredValue(source, optional);
        foreach (var (name, value) in source.GetConnectionProperties())
        {
            variables[VariableName.Of(connectionName, name)] = value;
        }
    }

    /// <summary>A connection string that must exist, unless it is optional.</summary>
    private sealed class RequiredValue(IResourceWithConnectionString source, bool optional) : IExpressionValue
    {
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
}
