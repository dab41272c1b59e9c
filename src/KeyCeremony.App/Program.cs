using KeyCeremony.App.Commands;

// The process of an HSM's module knows no other command: it starts in two thirds of the time.
return LastNet.Run(() => HsmHostCommand.IsMeant(args) ? HsmHostCommand.Run() : AllCommands.Run(args));
