package stream

func (Main) channelName() string            { return "main" }
func (HomeTimeline) channelName() string    { return "homeTimeline" }
func (LocalTimeline) channelName() string   { return "localTimeline" }
func (HybridTimeline) channelName() string  { return "hybridTimeline" }
func (GlobalTimeline) channelName() string  { return "globalTimeline" }
func (UserList) channelName() string        { return "userList" }
func (Hashtag) channelName() string         { return "hashtag" }
func (RoleTimeline) channelName() string    { return "roleTimeline" }
func (Antenna) channelName() string         { return "antenna" }
func (ChannelTimeline) channelName() string { return "channel" }
func (Drive) channelName() string           { return "drive" }
func (ServerStats) channelName() string     { return "serverStats" }
func (QueueStats) channelName() string      { return "queueStats" }
func (Admin) channelName() string           { return "admin" }
func (ChatUser) channelName() string        { return "chatUser" }
func (ChatRoom) channelName() string        { return "chatRoom" }
func (Reversi) channelName() string         { return "reversi" }
func (ReversiGame) channelName() string     { return "reversiGame" }
func (c Custom) channelName() string        { return c.Name }

func (Main) params() map[string]any           { return nil }
func (c HomeTimeline) params() map[string]any { return timelineParams(c.WithoutRenotes, c.WithFiles) }

func (c LocalTimeline) params() map[string]any {
	p := timelineParams(c.WithoutRenotes, c.WithFiles)
	p["withReplies"] = c.WithReplies
	return p
}

func (c HybridTimeline) params() map[string]any {
	p := timelineParams(c.WithoutRenotes, c.WithFiles)
	p["withReplies"] = c.WithReplies
	return p
}

func (c GlobalTimeline) params() map[string]any { return timelineParams(c.WithoutRenotes, c.WithFiles) }

func (c UserList) params() map[string]any {
	p := timelineParams(c.WithoutRenotes, c.WithFiles)
	p["listId"] = c.ListID
	return p
}

func (c Hashtag) params() map[string]any {
	return map[string]any{"q": append([][]string{}, c.Query...)}
}
func (c RoleTimeline) params() map[string]any    { return map[string]any{"roleId": c.RoleID} }
func (c Antenna) params() map[string]any         { return map[string]any{"antennaId": c.AntennaID} }
func (c ChannelTimeline) params() map[string]any { return map[string]any{"channelId": c.ChannelID} }
func (Drive) params() map[string]any             { return nil }
func (ServerStats) params() map[string]any       { return nil }
func (QueueStats) params() map[string]any        { return nil }
func (Admin) params() map[string]any             { return nil }
func (c ChatUser) params() map[string]any        { return map[string]any{"otherId": c.OtherID} }
func (c ChatRoom) params() map[string]any        { return map[string]any{"roomId": c.RoomID} }
func (Reversi) params() map[string]any           { return nil }
func (c ReversiGame) params() map[string]any     { return map[string]any{"gameId": c.GameID} }
func (c Custom) params() map[string]any          { return c.Params }

func timelineParams(withoutRenotes, withFiles bool) map[string]any {
	return map[string]any{"withRenotes": !withoutRenotes, "withFiles": withFiles}
}
