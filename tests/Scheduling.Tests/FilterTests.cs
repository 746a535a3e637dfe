using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Filters;

namespace LlmdAspire.Scheduling.Tests;

public sealed class FilterTests
{
    private static readonly string?[] s_roles = [null, "decode", "prefill", "encode", "prefill-decode", "both", "encode-prefill", "encode-prefill-decode", "other"];

    public static TheoryData<EndpointRoles, int[]> Roles => new()
    {
        { EndpointRoles.Decode, [0, 1, 4, 5, 7] },
        { EndpointRoles.Prefill, [2, 4, 5, 6, 7] },
        { EndpointRoles.Encode, [3, 6, 7] },
    };

    [Theory]
    [MemberData(nameof(Roles))]
    public void RoleFilter_KeepsThoseThatServeThePhase_AndOnlyDecodeKeepsTheUnlabelled(EndpointRoles role, int[] kept)
    {
        Assert.Equal(kept, new RoleFilter(role).Keep(Engines.WithRoles(s_roles)));
    }

    [Fact]
    public void ByLabel_KeepsListedValues_AndTheUnlabelledWhereAllowed()
    {
        EngineEndpoint[] engines = [Engines.One(0, labels: ("zone", "a")), Engines.One(1, labels: ("zone", "b")), Engines.One(2)];

        Assert.Equal([0], new ByLabelFilter("zone", ["a"], allowsNoLabel: false).Keep(engines));
        Assert.Equal([0, 2], new ByLabelFilter("zone", ["a"], allowsNoLabel: true).Keep(engines));
    }

    public static TheoryData<string, string[], int[]> Requirements => new()
    {
        { "In", ["a"], [0] },
        { "NotIn", ["a"], [1, 2] },
        { "Exists", [], [0, 1] },
        { "DoesNotExist", [], [2] },
    };

    [Theory]
    [MemberData(nameof(Requirements))]
    public void LabelSelector_HasKubernetesOperators(string name, string[] values, int[] kept)
    {
        EngineEndpoint[] engines = [Engines.One(0, labels: ("zone", "a")), Engines.One(1, labels: ("zone", "b")), Engines.One(2)];

        Assert.Equal(kept, new LabelSelectorFilter([new("zone", Enum.Parse<LabelOperator>(name), values)]).Keep(engines));
        Assert.Equal([0, 1, 2], new LabelSelectorFilter([]).Keep(engines));
    }
}
