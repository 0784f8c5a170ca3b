/** Journeyman's client for web pages. */

export interface Options {
  /** Address of the API; default: where the script came from. */
  host?: string;
  /** A JWT (HS256) of the shop's for who is signed in, with the user id as `sub`. */
  token?: string;
  /** `required`: nothing is stored or sent before `consent({ analytics: true })`. */
  consent?: "required";
}

export interface Consent {
  analytics?: boolean;
  push?: boolean;
}

export interface Button {
  label: string;
  url: string | null;
}

export interface InAppMessage {
  id: string;
  placement: "inbox" | "banner" | "modal";
  title: string;
  body: string;
  url: string | null;
  image: string | null;
  buttons: Button[];
  data: Record<string, string>;
  sent_at: string;
  expires_at: string;
  read_at: string | null;
}

export interface Chosen {
  slot: string;
  variant: string;
  experiment: string | null;
  content: {
    title: string | null;
    body: string | null;
    url: string | null;
    image: string | null;
    buttons: Button[];
    data: Record<string, string>;
  };
}

export interface Journeyman {
  load(key: string, options?: Options): void;
  identify(userId: string, traits?: Record<string, unknown>, options?: { token?: string }): void;
  identify(traits: Record<string, unknown>): void;
  track(event: string, properties?: Record<string, unknown>): void;
  page(name?: string, properties?: Record<string, unknown>): void;
  group(groupId: string, traits?: Record<string, unknown>): void;
  alias(userId: string, previousId?: string): void;
  /** Somebody has signed out: from now on it is somebody else. */
  reset(): void;
  consent(said: Consent): void;
  /** Content of slots; without `slots`, of every element with `data-journeyman-slot`, which is filled. */
  content(slots?: string[], context?: Record<string, unknown>): Promise<Record<string, Chosen | null>>;
  inbox: {
    /** Hears all messages whenever one comes or goes; returns what ends that. */
    on(hears: (messages: InAppMessage[]) => void): () => void;
    list(): Promise<{ items: InAppMessage[]; next: string | null; unread: number }>;
    opened(id: string): Promise<unknown>;
    clicked(id: string, url?: string): Promise<unknown>;
    dismissed(id: string): Promise<unknown>;
    /** Draws the messages into an element, and keeps them up to date. */
    mount(place: Element): () => void;
  };
  push: {
    /** Asks for notifications; the page's own origin has to serve the service worker. */
    subscribe(options?: { worker?: string }): Promise<PushSubscription>;
    unsubscribe(): Promise<boolean>;
  };
  /** Send what waits now. */
  flush(): void;
}

declare global {
  interface Window {
    journeyman: Journeyman;
  }
}
