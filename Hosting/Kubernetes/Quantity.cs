using System.Globalization;

namespace Aspire.Hosting;

/// <summary>Writes Kubernetes quantities.</summary>
internal static class Quantity
{
    public static string Of(int count) => count.ToString(CultureInfo.InvariantCulture);
}
