using KeyCeremony.App.Commands;

return LastNet.Run(() => AllCommands.Make().Run(args));
