namespace Aspire.Hosting;

/// <summary>Ports of resources that were given none.</summary>
internal static class UsualPortExtensions
{
    /// <summary>The usual port. In a run, where others may have taken it, the first of as many free ones from there on.</summary>
    public static int UsualPort(this IDistributedApplicationBuilder builder, int usual, int count = 1) =>
        builder.ExecutionContext.IsRunMode ? LocalPorts.Take(usual, count) : usual;
}
