using System.Reflection;
using ArtifactStore.Cli;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using ArtifactStore.Silo.Verbs;

var problem = "";
IReadOnlyDictionary<string, string> variables = new Dictionary<string, string>();
try
{
    variables = EnvironmentVariables.Load(Directory.GetCurrentDirectory());
}
catch (SettingsException e)
{
    problem = e.Message;
}
if (problem.Length > 0)
{
    await Console.Error.WriteLineAsync($"error: {problem}");
    return ExitCode.Failed;
}

var version = typeof(StoreComposition).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
#pragma warning disable RS0030 // the composition root is where randomness comes from
var random = Random.Shared;
#pragma warning restore RS0030
var host = new CliHost(Console.Out, Console.Error, name => variables.GetValueOrDefault(name), SystemClock.Instance, random)
{
    ErrorIsTerminal = !Console.IsErrorRedirected,
    Version = version,
};
return await CommandLine.RunAsync(args, host, new AdministrativeVerbs(() => SettingsReader.Read(variables)));
