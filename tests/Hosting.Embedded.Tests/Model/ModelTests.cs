using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded.Tests.Model;

/// <summary>Rules of the model itself.</summary>
public sealed class ModelTests
{
    [Theory]
    [InlineData("")]
    [InlineData("1engine")]
    [InlineData("engine_1")]
    [InlineData("engine--1")]
    [InlineData("engine-")]
    public void Name_ThatNoHostCouldHave_IsRefused(string name) => Assert.Throws<ArgumentException>(() => Models.New().AddProgram(name));

    [Fact]
    public void TwoResourcesOfOneName_AreRefused()
    {
        var builder = Models.New();
        builder.AddProgram("engine");

        var exception = Assert.Throws<DistributedApplicationException>(() => builder.AddProgram("Engine"));

        Assert.StartsWith("There are two resources named 'Engine'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WaitingForOneself_IsRefused()
    {
        var program = Models.New().AddProgram("program");

        Assert.Throws<DistributedApplicationException>(() => program.WaitFor(program));
    }

    [Theory]
    [InlineData("redis", "redis:latest")]
    [InlineData("docker.io/library/redis:8", "docker.io/library/redis:8")]
    [InlineData("registry:5000/a/b", "registry:5000/a/b:latest")]
    [InlineData("a/b@sha256:0123", "a/b@sha256:0123")]
    public void Image_IsTakenApartAndPutTogether(string image, string name)
    {
        Assert.True(Models.New().AddContainer("c", image).Resource.TryGetContainerImageName(out var actual));
        Assert.Equal(name, actual);
    }

    [Fact]
    public void Image_RegistryAndTag_CanBeChanged()
    {
        var container = Models.New().AddContainer("c", "vllm/vllm-openai").WithImageRegistry("docker.io").WithImageTag("v1");

        Assert.True(container.Resource.TryGetContainerImageName(out var name));
        Assert.Equal("docker.io/vllm/vllm-openai:v1", name);
    }

    [Fact]
    public void Annotation_CanReplaceOthersOfItsType()
    {
        var program = Models.New().AddProgram("p").WithIconName("A").WithIconName("B", IconVariant.Regular);

        Assert.Equal("B", Assert.Single(program.Resource.Annotations.OfType<ResourceIconAnnotation>()).IconName);
    }

    [Fact]
    public void Resources_EndInTheOrderInWhichNobodyMissesThem()
    {
        var builder = Models.New();
        var engine = builder.AddProgram("engine");
        var indexer = builder.AddProgram("indexer");
        var router = builder.AddProgram("router").WaitFor(engine).WaitFor(indexer);
        builder.AddProgram("page").WaitForStart(router);

        var order = StopOrder.Of(builder.Resources.ToList());

        Assert.Equal(["page", "router", "engine indexer"], order.Select(group => string.Join(' ', group.Select(resource => resource.Name))));
    }

    [Fact]
    public void Annotations_CanBeAddedWhileTheyAreRead()
    {
        var program = Models.New().AddProgram("p").WithEnvironment("A", "1");

        foreach (var _ in program.Resource.Annotations)
        {
            program.WithEnvironment("B", "2");
        }

        Assert.True(program.Resource.HasAnnotationOfType<EnvironmentCallbackAnnotation>());
    }

    [Theory]
    [InlineData(new string[0], DistributedApplicationOperation.Run)]
    [InlineData(new[] { "--operation", "publish" }, DistributedApplicationOperation.Publish)]
    [InlineData(new[] { "--publisher", "manifest" }, DistributedApplicationOperation.Publish)]
    public void Operation_IsAnOptionOfEveryAppHost(string[] args, DistributedApplicationOperation operation)
        => Assert.Equal(operation, Models.New(args).ExecutionContext.Operation);

    [Fact]
    public void UnknownOperation_IsOneClearLine()
    {
        var exception = Assert.Throws<DistributedApplicationException>(() => Models.New("--operation", "dance"));

        Assert.Equal("--operation is 'dance'; known operations are run and publish.", exception.Message);
    }
}
