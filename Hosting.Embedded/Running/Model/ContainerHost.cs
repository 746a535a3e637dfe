using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Under which name a container sees the machine it runs on.</summary>
internal static class ContainerHost
{
    /// <summary>Known to docker on every system when the container is given it; podman knows it by itself.</summary>
    public const string Name = "host.docker.internal";

    /// <summary>An address as <paramref name="caller"/> can use it.</summary>
    public static string SeenBy(IResource? caller, string address)
        => caller is ContainerResource && address is ("localhost" or "127.0.0.1") ? Name : address;
}
