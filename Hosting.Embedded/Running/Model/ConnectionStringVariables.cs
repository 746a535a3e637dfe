using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The variables that tell a resource how to connect to another.</summary>
internal sealed class ConnectionStringVariables(IResourceWithConnectionString source, string connectionName, bool optional)
{
    public void AddTo(Dictionary<string, object> variables)
    {
        variables[source.ConnectionStringEnvironmentVariable ?? "ConnectionStrings__" + connectionName] = new ConnectionStringValue(source, optional);
        foreach (var (name, value) in source.GetConnectionProperties())
        {
            variables[VariableName.Of(connectionName, name)] = value;
        }
    }
}
