using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace LlmdAspire.Hosting.Embedded.Tests.Surface;

/// <summary>Prints what an assembly exports, one type or member a line, in the format of the list of real Aspire's surface.</summary>
internal static class SurfacePrinter
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<string> Print(Assembly assembly)
    {
        var lines = assembly.GetExportedTypes().SelectMany(type => Members(type).Select(member => $"{type.FullName}::{member}").Prepend(TypeLine(type))).ToList();
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static string TypeLine(Type type)
    {
        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var interfaces = type.GetInterfaces().Where(i => i.IsVisible).Select(i => i.ToString()).Order(StringComparer.Ordinal).ToArray();
        return $"{type.FullName} type {kind} : {type.BaseType}" + (interfaces.Length > 0 ? " ; " + string.Join(", ", interfaces) : "");
    }

    private static IEnumerable<string> Members(Type type)
    {
        foreach (var method in type.GetMethods(Declared).Where(m => IsVisible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))))
        {
            yield return $"{method} | {Parameters(method)}{Marks(method)}";
        }

        foreach (var constructor in type.GetConstructors(Declared).Where(IsVisible))
        {
            yield return $"{constructor} | {Parameters(constructor)}{Marks(constructor)}";
        }

        foreach (var property in type.GetProperties(Declared).Where(p => p.GetAccessors(nonPublic: true).Any(IsVisible)))
        {
            yield return $"{property} {{ {Accessors(property)}}}{Marks(property)}";
        }

        foreach (var field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
        {
            yield return field + Marks(field);
        }
    }

    // Names with < are the compiler's own.
    private static bool IsVisible(MethodBase method) => (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && !method.Name.Contains('<', StringComparison.Ordinal);

    private static string Parameters(MethodBase method) => string.Join(',', method.GetParameters().Select(p => p.Name + (p.IsOptional ? "=" : "")));

    private static string Accessors(PropertyInfo property)
    {
        var get = property.GetMethod is { IsPublic: true } ? "get; " : "";
        var set = property.SetMethod is { IsPublic: true } setter ? (IsInit(setter) ? "init; " : "set; ") : "";
        return get + set;
    }

    private static bool IsInit(MethodInfo setter)
        => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));

    private static string Marks(MemberInfo member)
    {
        var experimental = member.GetCustomAttribute<ExperimentalAttribute>() is { } e ? $" [Experimental {e.DiagnosticId}]" : "";
        return experimental + (member.IsDefined(typeof(ObsoleteAttribute)) ? " [Obsolete]" : "");
    }
}
