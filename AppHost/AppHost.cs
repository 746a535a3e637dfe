using LlmdAspire.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

var command = StackCommand.Read(args, builder.Configuration);
if (command.Options is not { } options)
{
    return command.Print();
}

try
{
    LlmdStack.Compose(builder, options);
    await builder.Build().RunAsync();
    return 0;
}
catch (DistributedApplicationException mistake)
{
    Console.Error.WriteLine(mistake.Message);
    return 2;
}
