using Aspire.Hosting;

namespace LlmdAspire.Hosting.Tests;

/// <summary>A project for models that are not run.</summary>
internal sealed class FakeProject : IProjectMetadata
{
    public string ProjectPath => typeof(FakeProject).Assembly.Location;
}
